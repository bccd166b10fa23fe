# A look at this host. Reads only: nothing is written anywhere, no lock is taken, and it ends in
# bounded time. It asks what a rollout would find: a lock, a spool, space, and trees with their traps.

# Entries of all trees that are counted, and the seconds that counting may take; then it says so.
look_entries_max=1000000
look_seconds=20

# Longest path that a copy may have in the spool (PATH_MAX, limits.h), and what the spool adds to it.
look_path_max=4095
look_path_spare=160

# From here on `within_time` counts.
bound_time() {
  look_until=$(($(now_hundredths) + look_seconds * 100))
  limited=
  ! { timeout 1 true; } 2>/dev/null || limited=yes
}

look() { # path and kept | listed, again and again
  bound_time
  look_left=$look_entries_max
  walk_time=0
  tell_spool
  while [ $# -gt 0 ]; do
    path=$1 content=$2
    shift 2
    tell_tree
  done
  frame WALKED "$walk_time"
}

# Runs a command for as long as there is time left, where this host has timeout(1).
within_time() {
  rest_seconds=$(((look_until - $(now_hundredths)) / 100))
  [ "$rest_seconds" -gt 0 ] || return 124
  if [ -n "$limited" ]; then timeout "$rest_seconds" "$@"; else "$@"; fi
}

tell_spool() {
  ground=$spool
  while [ -n "$ground" ] && [ ! -e "$ground" ] && [ ! -L "$ground" ]; do ground=${ground%/*}; done
  ground=${ground:-/}
  exists=yes
  if [ "$ground" = "$spool" ]; then
    judge_spool
  else
    exists=no fault=
    if ! enter "$ground"; then
      fault="it can't be made: \"$ground\" is no folder that $(id -un) may enter, or a link is on the way to it"
    elif [ ! -w . ]; then
      fault="it can't be made: $(id -un) may not write to \"$ground\""
    fi
    cd /
  fi
  frame SPOOL "$exists" "$fault" "$(free_at -Pk "$ground")" "$(free_at -Pi "$ground")"
  # A lock in a spool that others may write to says nothing.
  if [ "$exists" = yes ] && [ -z "$fault" ] && [ -f "$spool/.lock" ] && read_lock; then
    # In a subshell: it looks into the folder of that rollout.
    (tell_lock LOCK)
  fi
}

# What df calls available at $2, in its unit; nothing where it can't tell. The three numbers are
# looked for, because names of devices may have blanks. A file system without a fixed number of
# inodes says that it has none at all.
free_at() {
  df "$1" "$2" 2>/dev/null | awk 'NR > 1 { line = line " " $0 }
    END { count = split(line, part, " ")
      for (at = 2; at + 2 <= count; at++)
        if (part[at] ~ /^[0-9]+$/ && part[at + 1] ~ /^[0-9]+$/ && part[at + 2] ~ /^[0-9]+$/) {
          if (part[at] > 0) print part[at + 2]
          exit
        } }'
}

# The first reason why no snapshot could be taken of $path, as a frame of its own.
tell_fault() {
  case $spool/ in "${path%/}"/*) frame FAULT spool-inside "$spool" "$path"; return ;; esac
  case $path/ in "$spool"/*) frame FAULT spool-inside "$spool" "$path"; return ;; esac
  walked=
  rest=${path#/}
  while [ -n "$rest" ]; do
    walked=$walked/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    if [ -L "$walked" ]; then
      frame FAULT linked "$path" "$walked" "$(readlink "$walked")"
      return
    fi
    [ -e "$walked" ] || return 1
  done
  [ "$(id -u)" != 0 ] || return 1
  hidden=$(first_hidden && printf .)
  hidden=${hidden%.}
  [ -n "$hidden" ] || return 1
  frame FAULT unreadable "${top%/}/${hidden#./}" "$(id -un)"
}

# A file or folder below $path that we may not read; nothing where there is none.
first_hidden() {
  cd -P -- "$top" 2>/dev/null || { printf '%s' "./$name"; return; }
  if [ "$finder" = printf ]; then
    within_time find "./$name" -xdev \( -type f ! -readable -o -type d ! \( -readable -executable \) \) -printf '%p' -quit 2>/dev/null
  else
    unreadable_in "$name"
  fi
}

tell_tree() {
  part
  # Of a tree with a fault only the fault is told: nobody will have a snapshot of it.
  if tell_fault || ! { enter "$top" && { [ -e "./$name" ] || [ -L "./$name" ]; }; }; then
    exists=no
    ! { [ -e "$path" ] || [ -L "$path" ]; } || exists=yes
    cd /
    frame TREE "$exists" yes 0 0 0 0 0 0 0 0 0
    return
  fi
  began=$(now_hundredths)
  set -- $(list_for_counting | count_entries)
  walk_time=$((walk_time + $(now_hundredths) - began))
  listed=${7:-0} bytes=${2:-0} sockets=${3:-0} holes=${4:-0} long=${5:-0} others=${6:-0} complete=${1:-no}
  look_left=$((look_left - listed))
  below=$(mounted_below)
  lists=0 attributes=0
  if [ "$content" = kept ]; then
    case $tar_flags in
      *--acls*) ;;
      *) count_attributes ;;
    esac
  fi
  cd /
  [ -z "$tar_flags" ] || holes=0 long=0
  frame TREE yes "$complete" "$listed" "$bytes" "$sockets" "${below:-0}" "$lists" "$attributes" "$holes" "$long" "$others"
}

# One record an entry, "type size blocks uid path", then one that says that nothing was left out.
list_for_counting() {
  if [ "$finder" = printf ]; then
    within_time find "./$name" -xdev -printf '%y %s %b %U %p\0' 2>/dev/null
    [ $? -ge 124 ] || printf 'end\0'
  else
    within_time find "./$name" -xdev -exec stat -c '%f %s %b %u %n//' {} + 2>/dev/null
    [ $? -ge 124 ] || printf 'end//\n'
  fi | if [ "$finder" = printf ]; then tr '\n\000' '\001\n'; else cat; fi
}

# Gives: complete, bytes, sockets, sparse files, paths too long, entries of others, entries. Holes
# take no bytes; very small files may lie in their inode, with no block of their own.
count_entries() {
  ending='\n'
  [ "$finder" = printf ] || ending='//\n'
  awk -v RS="$ending" -v most="$look_left" -v uid="$(id -u)" -v long="$((look_path_max - look_path_spare - ${#home}))" '
    BEGIN { kind["8"] = "f"; kind["c"] = "s"; complete = "no" }
    $0 == "end" { complete = "yes"; exit }
    count >= most { exit }
    { count++
      type = $1
      if (length(type) > 1) type = kind[substr(type, 1, 1)]
      if (type == "s") sockets++
      if (uid != 0 && $4 != uid) others++
      if (length($0) - length($1) - length($2) - length($3) - length($4) - 4 > long) longer++
      if (type != "f") next
      if ($3 * 512 < $2 && $2 > 4096) { sparse++; bytes += $3 * 512 } else bytes += $2 }
    END { printf "%s %.0f %d %d %d %d %d\n", complete, bytes, sockets, sparse, longer, others, count }'
}

# How many file systems begin below $path.
mounted_below() {
  list_mounts "$path"
  set -f --
  set -- $mounts
  echo $#
}

# Where archives here can't hold them: how many files have them, as far as there are tools to tell.
count_attributes() {
  ! command -v getfacl >/dev/null 2>&1 ||
    lists=$(within_time find "./$name" -xdev ! -type l -exec getfacl -s -p -n -- {} + 2>/dev/null | grep -c '^# file: ')
  ! command -v getfattr >/dev/null 2>&1 ||
    attributes=$(within_time find "./$name" -xdev -exec getfattr -h -m '^user\.|^trusted\.|^security\.capability$' --absolute-names -- {} + 2>/dev/null |
      grep -c '^# file: ')
}
