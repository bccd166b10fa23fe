# What stands at a path, and what is in it: how a preview knows what a step would change there. Reads
# only. No path is followed through a link, as the steps themselves follow none.

# Bytes of content that one look sends in all.
contents_bytes_max=1048576

# Entries that are sorted to name the first of them, and names that are told.
contents_sorted_max=1000
contents_names_max=20

contents() { # most bytes, size and sha256 that it may have already, path; again and again
  bound_time
  look_left=$look_entries_max
  contents_left=$contents_bytes_max
  while [ $# -gt 0 ]; do
    bytes_max=$1 wanted_size=$2 wanted_sum=$3 path=$4
    shift 4
    tell_time
    if [ "$clock" -lt "$look_until" ]; then tell_standing; else frame STANDS late; fi
    cd /
  done
}

# One frame: what stands there or why that can't be told, then mode, ids, names of the owner, size, is it
# what was wanted (yes, no, or nothing), was its content sent, and that content in hex. Of a folder:
# entries, bytes, were all counted, mounts below, and the first names in hex.
tell_standing() {
  part
  if ! walk_down || ! enter "$top"; then
    frame STANDS "$stands" "$at"
    return
  fi
  if [ -L "./$name" ]; then
    frame STANDS link "$(readlink "./$name")"
  elif [ ! -e "./$name" ]; then
    frame STANDS absent "$path"
  elif [ -f "./$name" ]; then
    tell_file
  elif [ -d "./$name" ]; then
    tell_folder
  else
    frame STANDS other "$(stat -c %F "./$name" 2>/dev/null)"
  fi
}

# Down to the folder that holds $path. False: something is in the way (`stands`, `at`), or nothing there.
walk_down() {
  stands=led walked= at=$top
  rest=${path#/}
  while :; do
    case $rest in */*) ;; *) return 0 ;; esac
    walked=$walked/${rest%%/*} rest=${rest#*/}
    at=$walked
    if [ -L "$walked" ]; then
      stands=led
    elif [ ! -e "$walked" ]; then
      stands=absent
    elif [ ! -d "$walked" ]; then
      stands=blocked
    elif [ ! -x "$walked" ]; then
      stands=hidden
    else
      continue
    fi
    return 1
  done
}

tell_file() {
  if ! owned=$(stat -c '%a %u:%g %U:%G %s' "./$name" 2>/dev/null); then
    frame STANDS hidden "$path"
    return
  fi
  size=${owned##* }
  same= sent=no content=
  if [ -n "$wanted_sum" ] && [ "$size" = "$wanted_size" ]; then
    same=no
    # Nothing of it is told but whether it is the one. A name with a newline puts a backslash before it.
    sum=$(within_time sha256sum "./$name" 2>/dev/null) || same=
    sum=${sum#\\}
    [ "${sum%% *}" != "$wanted_sum" ] || same=yes
  elif [ -n "$wanted_sum" ]; then
    same=no
  fi
  if [ "$same" != yes ] && [ "$size" -le "$bytes_max" ] && [ "$size" -le "$contents_left" ]; then
    if content=$(read_plain "$((size + 1))") && [ "${#content}" -eq "$((size * 2))" ]; then
      sent=yes
      contents_left=$((contents_left - size))
    else
      sent=failed content=
    fi
  fi
  set -f
  # Mode, ids, names and size: no name of a user has a blank.
  frame STANDS file "" $owned "$same" "$sent" "$content"
  set +f
}

# The first $1 bytes of the file ./$name in hex. In a folder of somebody else's the name may be
# a link a moment later: only what is open counts, and only if it is what stands there.
read_plain() {
  within_time sh -c '
    exec 5<"$1" || exit 1
    [ ! -L "$1" ] || exit 1
    [ "$(stat -L -c %d:%i /proc/self/fd/5 5<&5)" = "$(stat -c %d:%i "$1")" ] || exit 1
    head -c "$2" <&5 | od -An -v -tx1 | tr -d " \n"' sh "./$name" "$1" 2>/dev/null
}

tell_folder() {
  owned=$(stat -c '%a %u:%g %U:%G' "./$name" 2>/dev/null) || owned='- - -'
  set -f
  set -- $owned
  set +f
  mode=$1 ids=$2 names=$3
  if [ "$bytes_max" = 0 ]; then
    frame STANDS folder "" "$mode" "$ids" "$names" 0 0 yes 0 ""
    return
  fi
  set -- $(list_for_counting | count_entries)
  complete=${1:-no} bytes=${2:-0} listed=${7:-0}
  look_left=$((look_left - listed))
  frame STANDS folder "" "$mode" "$ids" "$names" "$listed" "$bytes" "$complete" "$(mounted_below)" \
    "$(first_names | od -An -v -tx1 | tr -d ' \n')"
}

# The first names below ./$name, sorted, each with a zero byte at its end.
first_names() {
  if [ "$finder" = printf ]; then
    within_time find "./$name" -xdev -mindepth 1 -printf '%P\0' 2>/dev/null
  else
    within_time find "./$name" -xdev -mindepth 1 -exec sh -c 'for each do printf "%s\0" "${each#./*/}"; done' sh {} + 2>/dev/null
  fi | tr '\n\000' '\001\n' | head -n "$contents_sorted_max" | LC_ALL=C sort |
    head -n "$contents_names_max" | tr '\n\001' '\000\n'
}
