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
  key=$1 number=0
  while recall "$key" "$number"; do
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
    recall "$key" "$1" || refuse snapshot-missing "$key"
    receive "$work/$1.list" "$3" || refuse disk-full "$spool"
    if [ "$is" = kept ]; then
      stage_folder "$1" "$2"
      unpack "$key" "$1" "$work/$1.list" "$from" || {
        forget_work "$work"
        refuse "$trouble" "$spool"
      }
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

# Takes up what `stage` unpacked for number $2 of the snapshot $1. `like` has the folders' metadata.
take_up() {
  work=$home/work.$nonce
  recall "$1" "$2"
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
