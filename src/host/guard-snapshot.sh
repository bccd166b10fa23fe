# Snapshots. $home/snapshots/KEY/ is complete or not there: rename(2) brings it into being.
#   N.path            the protected path, as it was given
#   N.is              absent | listed (manifest only) | kept
#   N.manifest        as guard-walk.sh says
#   N.tar or N.tree/  the content: an archive where tar keeps everything, else a copy
#   N.above           mode, uid and gid of each folder above the path, the topmost first
#   result            entries, bytes, milliseconds, then what could not be kept

# $path apart: `top`, the folder that holds it, and `name` in it.
part() {
  name=${path##*/}
  top=${path%/*}
  [ -n "$top" ] || top=/
}

# Refuses a path that is a link or passes through one.
refuse_links() {
  walked=
  rest=${path#/}
  while [ -n "$rest" ]; do
    walked=$walked/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    [ ! -L "$walked" ] || refuse linked "$path" "$walked" "$(readlink "$walked")"
    [ -e "$walked" ] || return 0
  done
}

refuse_overlap() {
  case $spool/ in "${path%/}"/*) refuse spool-inside "$spool" "$path" ;; esac
  case $path/ in "$spool"/*) refuse spool-inside "$spool" "$path" ;; esac
}

# Field $2 of the line that df prints for the spool; nothing where it knows none.
free_in_spool() {
  df "$1" "$spool" 2>/dev/null | awk -v field="$2" 'NR > 1 { line = line " " $0 }
    END { split(line, part, " "); if (part[field] ~ /^[0-9]+$/) print part[field] }'
}

refuse_no_space() { # kibibytes that the content takes, bytes to leave free
  free=$(free_in_spool -Pk 4)
  reserve=$((($2 + 1023) / 1024))
  [ -z "$free" ] || [ $((free - $1)) -ge "$reserve" ] ||
    refuse no-space "$spool" "$1" "$reserve" "$free"
}

refuse_no_inodes() { # that are needed
  free=$(free_in_spool -Pi 4)
  [ -z "$free" ] || [ "$free" -ge "$1" ] || refuse no-inodes "$spool" "$1" "$free"
}

# Takes the half-made snapshot away, then refuses.
give_up() {
  cd /
  rm -rf -- "$partial"
  refuse "$@"
}

# Says why the tool that read ./$name failed; $1 is what it printed.
blame() {
  # Tools have many words for a full disk, tar(1) only "Wrote only 512 of 10240 bytes": so try.
  head -c 262144 /dev/zero 2>/dev/null >"$partial/probe" && [ "$(size_of "$partial/probe")" = 262144 ] ||
    give_up disk-full "$spool"
  (enter "$top" && unreadable_in "$name") >"$partial/unreadable" 2>/dev/null
  hidden=$(cat -- "$partial/unreadable" && printf .)
  hidden=${hidden%.}
  [ -z "$hidden" ] || give_up unreadable "${top%/}/${hidden#./}" "$(id -un)"
  give_up unreadable-tree "$path" "$(id -un)" "$1"
}

# The end of what a tool says, with its exit status in the last line.
told_by() {
  { "$@" 2>&1 && echo "status 0" || echo "status $?"; } | tail -c 4096
}

keep_archive() {
  told=$(enter "$top" && told_by tar $tar_flags -b 512 -cf "$partial/$1.tar" -- "./$name")
  # 1: something changed or vanished while it was read, which is what live folders do.
  case ${told##*status } in 0 | 1) ;; *) blame "$told" ;; esac
  durable "$partial/$1.tar"
}

keep_copy() {
  need_inodes=$(wc -l <"$partial/$1.manifest")
  refuse_for=$((need_inodes + 16))
  free=$(free_in_spool -Pi 4)
  [ -z "$free" ] || [ "$free" -ge "$refuse_for" ] || give_up no-inodes "$spool" "$refuse_for" "$free"
  mkdir -- "$partial/$1.tree" || give_up disk-full "$spool"
  told=$(enter "$top" && told_by cp -a -- "./$name" "$partial/$1.tree/")
  if [ "${told##*status }" != 0 ]; then
    other=$(printf '%s\n' "$told" | grep -v -e 'No such file' -e '^status ')
    [ -z "$other" ] || blame "$told"
  fi
  # cp(1) of BusyBox cuts times to the second; touch(1) does not, but wants a process for each.
  if [ "$need_inodes" -le "$exact_times_max" ]; then
    (enter "$top" && find "./$name" -xdev -exec sh -c 'tree=$1; shift
      for it do [ -L "$it" ] || [ ! -e "$tree/$it" ] || touch -c -r "$it" "$tree/$it"; done
      ' sh "$partial/$1.tree" {} + 2>/dev/null)
  else
    losses_of_copy="times below a second"
  fi
  sync
}

# Entries of a copied tree whose times are kept to the nanosecond.
exact_times_max=20000
losses_of_copy=

note_above() {
  walked=
  rest=${top#/}
  while [ -n "$rest" ]; do
    walked=$walked/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    stat -c '%a %u %g' -- "$walked" 2>/dev/null || return 0
  done
}

# Every file system that begins below the path is left out, and people should know.
mounts_below() {
  [ -r /proc/mounts ] || return 0
  awk -v below="$path/" 'index($2, below) == 1' /proc/mounts | wc -l
}

capture() { # number, kept | listed
  printf '%s' "$path" >"$partial/$1.path" || give_up disk-full "$spool"
  if ! { [ -e "$path" ] || [ -L "$path" ]; }; then
    echo absent >"$partial/$1.is"
    return
  fi
  # The list first: it says how many inodes a copy takes. It is made again when all was read.
  walk "$top" "$name" "$partial/$1.manifest" || blame "$(cat -- "$partial/$1.manifest.trouble" 2>&1)"
  note_above >"$partial/$1.above"
  if [ "$2" = kept ]; then
    if [ -n "$tar_flags" ]; then keep_archive "$1"; else keep_copy "$1"; fi
    walk "$top" "$name" "$partial/$1.manifest" || blame "$(cat -- "$partial/$1.manifest.trouble" 2>&1)"
  fi
  echo "$2" >"$partial/$1.is" || give_up disk-full "$spool"
}

# Adds what number $1 covers to `entries` and `total`, and what it can't keep to `lost`.
count() {
  manifest=$partial/$1.manifest
  [ -f "$manifest" ] || return 0
  entries=$((entries + $(wc -l <"$manifest")))
  [ "$2" = kept ] || return 0
  total=$((total + $(awk '$1 == "f" { sum += $6 } END { printf "%.0f", sum }' "$manifest")))
  sockets=$((sockets + $(grep -c '^s ' "$manifest")))
  mounted=$(mounts_below)
  mounts=$((mounts + ${mounted:-0}))
}

tell_losses() {
  [ "$sockets" -eq 0 ] || echo "$sockets sockets"
  [ "$mounts" -eq 0 ] || echo "$mounts file systems mounted below"
  case $tar_flags in
    *--acls*) ;;
    '')
      echo "access control lists and extended attributes"
      echo "holes of sparse files"
      echo "times of symbolic links"
      [ -z "$losses_of_copy" ] || echo "$losses_of_copy"
      ;;
    *) echo "access control lists and extended attributes" ;;
  esac
}

answer_snapshot() {
  { read -r entries && read -r total && read -r took; } <"$1/result"
  frame COMPLETE "$entries" "$total" "$took" "$(sed 1,3d "$1/result")"
}

snapshot() { # key epoch reserve, then path and kept | listed, again and again
  key=$1 epoch=$2 reserve_bytes=$3
  shift 3
  begun=$(now_hundredths)
  fence "$epoch"
  complete=$home/snapshots/$key
  if [ -d "$complete" ]; then
    answer_snapshot "$complete"
    return
  fi
  paths=$#
  needed=64
  at=0
  # Everything that can be refused is refused before a byte is written.
  for word do
    at=$((at + 1))
    if [ $((at % 2)) -eq 1 ]; then
      path=$word
      refuse_links
      refuse_overlap
    elif [ "$word" = kept ] && [ -e "$path" ]; then
      size=$(du -skx -- "$path" 2>/dev/null | tail -n 1)
      needed=$((needed + ${size%%[!0-9]*}))
    fi
  done
  refuse_no_space "$needed" "$reserve_bytes"
  refuse_no_inodes $((paths * 3 + 16))
  need_folder "$home/snapshots"
  sweep_dead "$home"/snapshots/.partial.*
  partial=$home/snapshots/.partial.$key.$nonce
  own_work "$partial"
  entries=0 total=0 sockets=0 mounts=0 number=0
  while [ $# -gt 0 ]; do
    path=$1
    part
    capture "$number" "$2"
    count "$number" "$2"
    number=$((number + 1))
    shift 2
  done
  ended=$(now_hundredths)
  { printf '%s\n' "$entries" "$total" "$(((ended - begun) * 10))" && tell_losses; } \
    >"$partial/result" || give_up disk-full "$spool"
  rm -f -- "$partial/owner"
  durable "$partial"/* "$partial"
  # Two guards that snapshot at once: the first to rename wins, and the other one's copy goes.
  if [ -d "$complete" ] || ! mv -- "$partial" "$complete"; then
    rm -rf -- "$partial"
  elif [ -d "$complete/${partial##*/}" ]; then
    rm -rf -- "$complete/${partial##*/}"
  fi
  durable "$home/snapshots"
  [ -f "$complete/result" ] || refuse disk-full "$spool"
  answer_snapshot "$complete"
}
