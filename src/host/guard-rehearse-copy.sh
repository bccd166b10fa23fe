# The copy: an overlay over every real file system of this host, with its changes in memory. In
# namespaces of its own, mount(8) and all. Each step has a layer of its own above those of the steps
# before it, so that what a step did is the difference between two views.
#   $base/desk/            what this process writes for itself
#   $base/layers/STEP.N    what a step changed on file system N, and STEP.N.work
#   $base/root.STEP        where the step runs

exec 4<&5 5<&-

# Of these nothing is copied: they are the kernel's own, or made anew for the step.
kernels_own='^(proc|sysfs|cgroup2?|devpts|devtmpfs|mqueue|bpf|tracefs|debugfs|securityfs|pstore|autofs|hugetlbfs|fusectl|configfs|binfmt_misc|rpc_pipefs|nsfs|efivarfs|selinuxfs)$'

# Programs that have something done elsewhere, or to the whole host: a recorder takes their place.
recorded='systemctl service rc-service initctl invoke-rc.d telinit supervisorctl systemd-run loginctl machinectl docker podman nerdctl crictl kubectl shutdown reboot halt poweroff'

newline='
'

cannot() { refuse not-rehearsable "$*"; }

# network (yes|no), trace (yes|no), kibibytes, inodes, bytes kept of each output, lines at most of each
# tree, then the trees whose effects are asked for
begin_rehearsal() {
  network=$1 trace=$2 size_max=$3 inodes_max=$4 output_max=$5 lines_max=$6
  shift 6
  stopped=no
  overlay=redirect_dir=off,metacopy=off,index=off
  [ "$uid" = 0 ] || overlay=userxattr
  find_room
  find_base
  mount -n -t tmpfs -o "size=${desk_max}k,nr_inodes=65536,mode=700" handrail "$base" 2>/dev/null ||
    cannot "a file system in memory can't be mounted"
  mkdir "$base/desk" "$base/layers" "$base/empty" "$base/before" "$base/after"
  desk=$base/desk
  mount -n -t tmpfs -o "size=${size_max}k,nr_inodes=$inodes_max,mode=700" handrail "$base/layers" ||
    cannot "a file system in memory can't be mounted"
  list_places "$@"
  trees=0
  for path do
    place_tree
    trees=$((trees + 1))
  done
  make_recorders
  frame COPIED "$size_max" "$inodes_max" "$(cat "$desk/notes" 2>/dev/null)"
}

# Memory that steps may fill must not be missed by what runs here.
find_room() {
  available=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo 2>/dev/null)
  available=${available:-1048576}
  heed_group
  [ "$available" -ge 65536 ] || cannot "only $available KiB of memory are free"
  [ "$size_max" -le $((available / 2)) ] || size_max=$((available / 2))
  desk_max=$((available / 4))
  [ "$desk_max" -le 524288 ] || desk_max=524288
}

# What runs here may be in a group with a bound of its own (cgroups(7), version 2), together with the
# application: what of it is not used yet, or could be had back, is all there is.
heed_group() {
  group=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null)
  while :; do
    at=/sys/fs/cgroup${group%/}
    most= used=
    { read -r most <"$at/memory.max" && read -r used <"$at/memory.current"; } 2>/dev/null
    case $most.$used in
      *[!0-9.]* | .* | *.) ;;
      *)
        cached=$(awk '$1 == "inactive_file" { print $2 }' "$at/memory.stat" 2>/dev/null)
        left=$(((most - used + ${cached:-0}) / 1024))
        [ "$left" -ge "$available" ] || available=$left
        ;;
    esac
    case $group in '' | /) return ;; esac
    group=${group%/*}
  done
}

# A folder that is there on every host, and under which nothing is that the copy needs: what it covers
# here is still seen through an overlay of its file system.
find_base() {
  for base in /dev/shm /mnt /media /opt /srv; do
    [ -d "$base" ] && [ ! -L "$base" ] || continue
    [ "$base" = /dev/shm ] && return
    # All of it would be seen in the copy of a plain user.
    [ "$uid" = 0 ] || break
    awk -v base="$base" '$2 == base || index($2, base "/") == 1 { found = 1 } END { exit found }' /proc/self/mounts && return
  done
  cannot "there is no folder to mount a file system in memory upon"
}

# $desk/mounts: "number how flags path" of each place, the outer ones first. How: copied; bound (it can't
# be written in the copy); silent (it is not in the copy); hidden (it is empty there); rooted (the whole tree of a plain user, bound, under
# what is copied of it).
list_places() { # trees
  : >"$desk/notes"
  : >"$desk/refused"
  if [ "$uid" = 0 ]; then list_mounted; else list_own "$@"; fi |
    sort -n | awk '{ sub(/^[0-9]+ /, ""); print NR, $0 }' >"$desk/mounts"
  while read -r number how flags at; do
    plain_mount "$at"
    # A server that does not answer must not hold everything up.
    if ! timeout -s KILL 5 stat "$plain" >/dev/null 2>&1; then
      how=silent
      echo "$at does not answer, or nobody may look at it; what is mounted there is not in the copy" >>"$desk/notes"
    # Lists of paths are lines here.
    elif case $plain in *"$newline"*) ;; *) [ ! -d "$plain" ] ;; esac then
      how=bound
      printf '%s\n' "$number" >>"$desk/refused"
      echo "$at is mounted by itself, and can't be written in the copy" >>"$desk/notes"
    fi
    if [ "$how" = copied ] && ! try_overlay; then
      how=bound
      printf '%s\n' "$number" >>"$desk/refused"
      echo "$at can't be laid over, so it can't be written in the copy: $trouble" >>"$desk/notes"
    fi
    echo "$number $how $flags $at"
  done <"$desk/mounts" >"$desk/mounts.tried"
  mv -f "$desk/mounts.tried" "$desk/mounts"
}

# "length how flags path" of every real file system.
list_mounted() {
  awk -v own="$kernels_own" -v base="$base" '
    function under(folder) { return $2 == folder || index($2, folder "/") == 1 }
    $3 ~ own || under("/dev") || under("/proc") || under("/sys") || under("/run") || under("/var/run") || under(base) { next }
    { how = "copied"; many = split($4, flag, ","); kept = ""
      for (i = 1; i <= many; i++) {
        if (flag[i] == "ro") how = "bound"
        if (flag[i] ~ /^(nosuid|nodev|noexec)$/) kept = kept "," flag[i] }
      line[$2] = how " " (kept == "" ? "-" : kept) " " $2 }
    END { for (path in line) print length(path), line[path] }' /proc/self/mounts
}

# The same for a plain user, whose overlays may have nothing mounted below, and whose changes can go no
# deeper than where a folder of somebody else is on the way: the folders at the top, the highest folders of
# its own above the trees, and the temp folders of everybody, each laid over by itself.
list_own() { # trees
  echo "0 rooted - /"
  {
    for each in /*; do
      [ "$each" = /tmp ] || own_place "$each" any || echo "$each can't be written in the copy, because something is mounted below it" >>"$desk/notes"
    done
    for each in /tmp /var/tmp; do
      own_place "$each" itself || { echo "${#each} hidden - $each" && echo "$each is empty in the copy, because something is mounted below it" >>"$desk/notes"; }
    done
    for each do own_place "$each" own; done
  } | sort -u
}

# The highest place on the way to $1 that can be laid over: whichever, only $1 itself, or a folder of one's
# own. False where only what is mounted below stands in the way.
own_place() {
  case $1/ in /dev/* | /proc/* | /sys/* | /run/*) return 0 ;; esac
  highest=
  rest=${1#/}
  while [ -n "$rest" ]; do
    highest=$highest/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    [ -d "$highest" ] && [ -x "$highest" ] && [ ! -L "$highest" ] || return 0
    case $2 in
      itself) [ "$highest" = "$1" ] || continue ;;
      own) [ -O "$highest" ] || continue ;;
    esac
    list_mounts "$highest"
    [ -n "$mounts" ] || { as_kernel "$highest"; return 0; }
  done
  return 1
}

# The path $1 as one word, with its length before it.
as_kernel() {
  printf '%s.' "$1" | sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g' | awk '{ line = line (NR > 1 ? "\\012" : "") $0 }
    END { sub(/\.$/, "", line); print length(line), "copied - " line }'
}

try_overlay() {
  make_layer try "$number" || { trouble="its folder can't be entered"; return 1; }
  trouble=$(lay_over "$number" "" try "$base/after" 2>&1) || { trouble=$(printf '%s' "$trouble" | tr '\n\t' '  ' | head -c 200); return 1; }
  umount -n "$base/after"
}

# What a step will change on the file system $2 that is mounted at $plain.
make_layer() { # step number
  layer=$base/layers/$1.$2
  mkdir "$layer" "$layer.work" && (
    cd -P -- "$plain" || exit 1
    set -- $(stat -c '%a %u %g' .)
    if [ "$uid" = 0 ]; then
      chown "$2:$3" "$layer" && chmod "$1" "$layer"
    elif [ -w . ]; then chmod "$1" "$layer"; else chmod a-w,a+rx "$layer"; fi
    touch -r . "$layer"
  )
}

# Mounts an overlay of the file system at $plain: below it the layers $2, one after the other with a
# colon behind each; above it what the step $3 will change, or nothing, where it is only looked at.
lay_over() { # number layers step target
  upper=
  [ -z "$3" ] || upper=",upperdir=$base/layers/$3.$1,workdir=$base/layers/$3.$1.work"
  # The kernel wants two layers for a view.
  lower=$2.
  [ -n "$3" ] || lower=$lower:$base/empty
  (cd -P -- "$plain" && exec mount -n -t overlay -o "lowerdir=$lower$upper,$overlay" handrail "$4")
}

# The layers of the file system $1 that steps before the step $2 have left, the newest first.
layers_below() {
  below=
  earlier=1
  while [ "$earlier" -lt "$2" ]; do
    [ ! -e "$desk/left.$earlier.$1" ] || below=$base/layers/$earlier.$1:$below
    earlier=$((earlier + 1))
  done
}

# On which file system $path lies, in $desk/tree.N; refuses what could not be told.
place_tree() {
  case $path/ in
    *"$newline"*) cannot "a path has a newline in it" ;;
    /run/* | /var/run/* | /dev/* | /proc/* | /sys/* | "$base"/*) cannot "$path lies where a copy is empty" ;;
  esac
  on= best=-1
  while read -r number how flags at; do
    plain_mount "$at"
    # As a variable: bash 5.2 takes an empty expansion with quotes for something else in a pattern.
    above=${plain%/}
    case $path/ in "$above"/*) [ "${#plain}" -le "$best" ] || { best=${#plain} on=$number on_how=$how; } ;; esac
  done <"$desk/mounts"
  [ -n "$on" ] || cannot "$path lies on no file system that can be copied"
  [ "$on_how" != silent ] || cannot "what is mounted where $path lies does not answer"
  refuse_links
  case $on_how in rooted | hidden) false ;; esac || cannot "without root $path can't be copied, because something else is mounted below it"
  ! grep -qx "$on" "$desk/refused" || cannot "an overlay is refused where $path lies: $(head -n 1 "$desk/notes")"
  if [ "$uid" != 0 ]; then
    foreign=$(find "$path" -xdev ! -user 0 -print -quit 2>/dev/null)
    [ -z "$foreign" ] || cannot "$foreign belongs to another user, and only files of one's own can be copied without root"
  fi
  printf '%s' "$path" >"$desk/tree.$trees.path"
  echo "$on" >"$desk/tree.$trees.on"
}

# $desk/recorders/NAME for what is there, and $desk/covered: files that it is laid over.
make_recorders() {
  mkdir "$desk/recorders"
  : >"$desk/covered"
  printf '%s\n' '#!/bin/sh' "{ printf '+%s\\0' \"\${0##*/}\" \"\$@\"; printf '\\0'; } >>/dev/handrail-calls 2>/dev/null" 'exit 0' >"$desk/recorder"
  chmod 755 "$desk/recorder" "$desk/recorders"
  for name in $recorded; do
    IFS=:
    set -- $guard_path
    unset IFS
    for folder do
      [ -x "$folder/$name" ] && [ ! -d "$folder/$name" ] || continue
      [ -e "$desk/recorders/$name" ] || cp -p "$desk/recorder" "$desk/recorders/$name"
      real=$(readlink -f "$folder/$name") || continue
      # One file may be many programs: what is called otherwise is left alone.
      case " $recorded " in *" ${real##*/} "*) echo "$real" >>"$desk/covered" ;; esac
    done
  done
  sort -u -o "$desk/covered" "$desk/covered"
}
