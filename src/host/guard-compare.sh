# Comparing the trees of a snapshot with what is there now. Reads the trees only; lists are made in
# the spool.

# The folder of the complete snapshot $1, as `complete`.
need_snapshot() {
  complete=$home/snapshots/$1
  [ -f "$complete/result" ] || refuse snapshot-missing "$1"
}

# A working folder of this guard's own, empty.
need_work() {
  work=$home/work.$nonce
  [ ! -e "$work" ] || forget_work "$work"
  sweep_dead "$home"/work.*
  own_work "$work"
}

# The protected path number $1 of the snapshot: `path`, `is`, and `top` and `name`.
recall() {
  path=$(cat -- "$complete/$1.path" && printf .)
  path=${path%.}
  read -r is <"$complete/$1.is"
  part
}

# What is there now in place of the protected path: the manifest $1.
look_again() {
  walk "$top" "$name" "$1"
  case $? in
    0) ;;
    # Not there, or only by way of a link that was not there before: nothing of the tree is.
    1) : >"$1" ;;
    *) refuse unreadable-tree "$path" "$(id -un)" "$(cat -- "$1.trouble" 2>&1 | tail -c 4096)" ;;
  esac
}

compare() { # key, lines at most for each path
  ready_spool
  need_snapshot "$1"
  need_work
  number=0
  while [ -f "$complete/$number.path" ]; do
    recall "$number"
    base=$complete/$number.manifest
    [ -f "$base" ] || base=/dev/null
    look_again "$work/now"
    count_now=$(wc -l <"$work/now") || refuse disk-full "$spool"
    frame TREE "$number" "$is" "$path" "$((count_now))"
    if ! cmp -s "$base" "$work/now"; then
      differences "$base" "$work/now" "$work/differences" || refuse disk-full "$spool"
      paths=$(cut -d ' ' -f 10- "$work/differences" | uniq | wc -l)
      head -n "$2" "$work/differences" >"$work/shown" || refuse disk-full "$spool"
      shown=$(wc -l <"$work/shown")
      frame PATHS "$((paths))" "$((shown))"
      frame_file LINES "$work/shown" "$(size_of "$work/shown")"
    fi
    number=$((number + 1))
  done
  forget_work "$work"
  frame COMPARED
}

# Gets content out of the snapshot, to be compared with or put back. The lists are payload: for
# each protected path its number, `spool` or `near` (where a link to the live tree works), and the
# length of its list of paths, each ended by a zero byte.
stage() { # key epoch, then number place length
  key=$1 epoch=$2
  shift 2
  at=0
  for word do
    at=$((at + 1))
    [ $((at % 3)) -ne 0 ] || owed=$((owed + word))
  done
  fence "$epoch"
  need_snapshot "$key"
  need_work
  while [ $# -gt 0 ]; do
    recall "$1"
    receive "$work/$1.list" "$3" || refuse disk-full "$spool"
    if [ "$is" = kept ]; then
      stage_folder "$1" "$2"
      unpack "$1"
    fi
    shift 3
  done
  frame STAGED
}

# Where number $1 is unpacked: `from`, noted in $1.from for the requests that follow. Link(2) works
# on one mount only, which is found out by trying.
stage_folder() {
  from=$work/$1.stage
  if [ "$2" = near ] && ! links_into_tree "$work"; then
    for near in "$top" "$path"; do
      [ -d "$near" ] && (enter "$near") && links_into_tree "$near" || continue
      from=${near%/}/.handrail.$nonce.$1
      printf '%s' "$from" >"$work/elsewhere.$1" || refuse disk-full "$spool"
      break
    done
  fi
  rm -rf -- "$from"
  trouble=$(mkdir -- "$from" 2>&1) || refuse stage-failed "$path" "$trouble"
  printf '%s' "$from" >"$work/$1.from" || refuse disk-full "$spool"
}

# Can a file in the folder $1 be linked to where files of the protected path belong? Within one mount
# it can; one file system may be mounted at both places, and then it can't.
links_into_tree() {
  goal=$top
  [ -L "$path" ] || [ ! -d "$path" ] || goal=$path
  [ "$(mount_of "$1")" = "$(mount_of "$goal")" ]
}

# Where the file system of the folder $1 is mounted.
mount_of() {
  awk -v path="${1%/}/" '{ at = $2; gsub(/\\040/, " ", at); sub(/\/$/, "", at) }
    index(path, at "/") == 1 && length(at) >= length(best) { best = at }
    END { print best "/" }' /proc/mounts 2>/dev/null || df -P -- "$1" | tail -n 1
}

# tar(1) looks through all names that it is given for each entry of the archive, but it finds those
# that it is to leave out by a hash: from here on the others are named.
names_max=200

# Everything in the archive number $1 that nobody asked for. What can't be written in such a list, a
# name with a newline, is unpacked too, and so are folders.
list_others() {
  command -v comm >/dev/null 2>&1 || return 1
  tr '\n\000' '\000\n' <"$work/$1.list" | sort >"$work/$1.wanted"
  grep -av '^d ' "$complete/$1.manifest" | cut -d ' ' -f 10- | sort | comm -23 - "$work/$1.wanted" |
    tr '\000' '\001' | grep -av "$(printf '\001')" >"$work/$1.others"
  [ -f "$work/$1.others" ]
}

unpack() { # number
  if [ -f "$complete/$1.tar" ]; then
    # A link to a file needs that file, whichever of its names the archive has it under.
    grep -a '^f ' "$complete/$1.manifest" | grep -av '^f 1 ' | cut -d ' ' -f 10- |
      tr '\n\000' '\000\n' >>"$work/$1.list"
    if [ "$(tr -dc '\000' <"$work/$1.list" | wc -c)" -gt "$names_max" ] && list_others "$1"; then
      set -- "$1" --anchored --no-wildcards -X "$work/$1.others"
    else
      set -- "$1" --null --no-recursion --no-unquote -T "$work/$1.list"
    fi
    archive=$complete/$1.tar
    shift
    told=$(told_by tar -C "$from" $tar_flags -xpf "$archive" "$@")
  else
    told=$(told_by stage_copies "$1")
  fi
  # A name that is not in the archive vanished while it was made; whoever needs it will see.
  case $told in
    *'o space left'*)
      forget_work "$work"
      refuse disk-full "$spool"
      ;;
  esac
}

# Copies out of a copied tree, so that what is put back never shares a file with the snapshot.
stage_copies() {
  mkdir -- "$work/$1.links" || return 1
  (cd "$complete/$1.tree" && xargs -0 sh -c 'into=$1 links=$2 status=0
    shift 2
    for it do
      [ -e "$it" ] || [ -L "$it" ] || continue
      if [ -d "$it" ] && [ ! -L "$it" ]; then mkdir -p "$into/$it"; continue; fi
      mkdir -p "$into/${it%/*}" || status=1
      inode=$(stat -c "%h.%i" "$it")
      case $inode in
        1.*) ;;
        *) if [ -L "$links/$inode" ]; then
             ln "$into/$(readlink "$links/$inode")" "$into/$it" && continue
           else
             ln -s "$it" "$links/$inode"
           fi ;;
      esac
      { cp -a "$it" "$into/$it" && { [ -L "$it" ] || touch -c -r "$it" "$into/$it"; }; } || status=1
    done
    exit $status' sh "$from" "$work/$1.links" <"$work/$1.list")
}

# Takes up what `stage` unpacked for number $2 of the snapshot $1. `like` has the folders' metadata.
take_up() {
  complete=$home/snapshots/$1
  work=$home/work.$nonce
  recall "$2"
  from=$work/none
  if [ -f "$work/$2.from" ]; then
    from=$(cat -- "$work/$2.from" && printf .)
    from=${from%.}
  fi
  like=$from
  [ ! -d "$complete/$2.tree" ] || like=$complete/$2.tree
}

# Is what stands here under the name $1 what the snapshot holds as $2?
same_here() {
  if [ -L "./$1" ] || [ -L "$2" ]; then
    [ -L "./$1" ] && [ -L "$2" ] && [ "$(readlink "./$1")" = "$(readlink "$2")" ]
  elif [ -f "./$1" ] && [ -f "$2" ]; then
    cmp -s "./$1" "$2"
  else
    { [ -p "./$1" ] && [ -p "$2" ]; } || { [ -b "./$1" ] && [ -b "$2" ]; } ||
      { [ -c "./$1" ] && [ -c "$2" ]; }
  fi
}

# Answers for each name in the folder $3 "=" same, "!" not the same, "?" one of the two is not there.
same() { # key number folder names…
  take_up "$1" "$2"
  folder=$3
  shift 3
  answers=
  entered=no
  if enter_folder "$folder"; then entered=yes; fi
  for it do
    if [ "$entered" = no ] || ! { [ -e "./$it" ] || [ -L "./$it" ]; } ||
      ! { [ -e "$from/$folder/$it" ] || [ -L "$from/$folder/$it" ]; }; then
      answers="$answers?"
    elif same_here "$it" "$from/$folder/$it"; then
      answers="$answers="
    else
      answers="$answers!"
    fi
  done
  frame SAME "$answers"
}

# A folder as manifests name it: "." is the one that holds the protected path.
enter_folder() {
  place=$top
  case $1 in . | ./) ;; *) place=${top%/}/${1#./} ;; esac
  enter "$place"
}

unstage() {
  forget_work "$home/work.$nonce"
  frame UNSTAGED
}
