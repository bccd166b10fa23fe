# Manifests: one line an entry, "type links mode uid gid size inode mtime ctime path", with the path
# as "./NAME/…" below the folder that holds the protected path. A newline in a path is a zero byte
# (find -printf) or "//n" (stat), neither of which can be part of a path. Lists for tar(1), cp(1) and
# xargs(1) hold such paths as they are, each ended by a zero byte.

walk_format='%y %n %m %U %G %s %i %T@ %C@ %p\0'
stat_format='%f %h %a %u %g %s %i %y %z %n//'

# Blocks of 512 bytes that the manifest of one tree may fill: a tree that grows faster than it can be
# walked must not fill the disk.
manifest_blocks_max=2097152

# Tools that cut lines at a zero byte (those of BusyBox beside a find of GNU) need the other spelling.
[ "${1-}" = switch ] || [ "$finder" != printf ] ||
  [ "$(printf 'f a\0b\n' | awk '$1 == "f"' | cut -d ' ' -f 2- | sed 's/^/+/' | sort | tr '\0' _)" = '+a_b' ] ||
  finder=stat

# Walks $2 in the folder $1 into the file $3, never through a link, and never onto another file
# system or what else is mounted below. 1: $2 is not there; 2: it could not be walked, and $3.trouble
# tells why; 3: it is too large.
walk() (
  enter "$1" || return 1
  [ -e "./$2" ] || [ -L "./$2" ] || return 1
  ulimit -f "$manifest_blocks_max" 2>/dev/null
  root=$2 out=$3
  list_mounts "${1%/}/$2"
  set -f --
  for mount in $mounts; do
    plain_mount "$mount"
    set -- "$@" -path "./$(as_pattern "$root$plain")" -prune -o
  done
  [ $# -eq 0 ] || set -- \( "$@" -type d -o ! -type d \)
  if [ "$finder" = printf ]; then
    find "./$root" -xdev "$@" -printf "$walk_format" >"$out.raw" 2>"$out.trouble"
  else
    # Such a find(1) may go by paths.
    set -- find "./$root" -xdev "$@" -exec stat -c "$stat_format" {} +
    case $PWD/ in "$spool"/*) "$@" ;; *) (unled_here "$root" "$@") ;; esac >"$out.raw" 2>"$out.trouble"
  fi
  [ $? -le 128 ] || return 3
  as_manifest "$out" || return 2
)

# Makes the manifest $1 of what a walk has printed. What vanished meanwhile is no trouble: that is
# what live folders do. Nor is a link to itself in the place of a folder on the way to a name.
as_manifest() {
  ! as_messages "$1.trouble" | grep -v -e 'No such file or directory$' -e 'Not a directory$' \
    -e 'Too many levels of symbolic links$' -e 'Symbolic link loop$' >/dev/null || return 1
  if [ "$finder" = printf ]; then
    tr '\n\000' '\000\n' <"$1.raw" >"$1" || return 1
  else
    awk "$lines_of_stat" <"$1.raw" >"$1" || return 1
  fi
  rm -f -- "$1.raw" "$1.trouble"
}

# What tools have said into the file $1, one message a line: some write names with newlines as they are.
as_messages() {
  awk 'NR > 1 && /^[a-z]+: / { print line; line = $0; next }
    { line = NR == 1 ? $0 : line " " $0 }
    END { if (NR) print line }' "$1"
}

# stat prints times as "date time zone", and the kind of entry as the first digit of its mode.
lines_of_stat='BEGIN { RS = "//\n"
  kind["1"] = "p"; kind["2"] = "c"; kind["4"] = "d"; kind["6"] = "b"; kind["8"] = "f"; kind["a"] = "l"; kind["c"] = "s" }
{ path = $0
  for (i = 0; i < 13; i++) path = substr(path, index(path, " ") + 1)
  gsub(/\n/, "//n", path)
  print kind[substr($1, 1, 1)], $2, $3, $4, $5, $6, $7, $8 "T" $9, $11 "T" $12, path }'

# The lines of the entries in the list $2, as they are now below the folder $1, into the file $3. An
# entry that is not there has none. False when one could not be looked at.
look_at() (
  enter "$1" || return 1
  : >"$3"
  [ -s "$2" ] || return 0
  if [ "$finder" = printf ]; then
    xargs -0 sh -c 'exec find "$@" -maxdepth 0 -printf "$0"' "$walk_format" <"$2" >"$3.raw" 2>"$3.trouble"
  else
    xargs -0 stat -c "$stat_format" -- <"$2" >"$3.raw" 2>"$3.trouble"
  fi
  as_manifest "$3"
)

# Lines of the list $1 that are not in $2 with "-", and of $2 that are not in $1 with "+", into $3. A line
# that only moved may be told with both signs. Each line must begin with the letter of a type.
signed() {
  diff -a -U 0 "$1" "$2" >"$3.raw" 2>/dev/null
  if [ $? -le 1 ]; then
    # What else diff prints begins with other characters than a sign and the letter of a type.
    sed -n '/^[-+][A-Za-z]/p' "$3.raw" >"$3" || return 1
  else
    awk 'part == 1 { seen[$0]; next } $0 in seen { delete seen[$0]; next } { print "+" $0 }
      END { for (line in seen) print "-" line }' part=1 "$1" part=2 "$2" >"$3" || return 1
  fi
  rm -f -- "$3.raw"
}

# The differences of the manifests $1 and $2 by path, so that the two lines of one path stand together.
# Needs files $3.* of its own.
differences() {
  signed "$1" "$2" "$3.signed" || return 1
  # A line that only moved was in both: the order in which a folder lists its entries may change.
  sort -k 10 "$3.signed" >"$3.raw" && awk '{ sign = substr($0, 1, 1); line = substr($0, 2) }
    held != "" && line == last && sign != held { held = ""; next }
    held != "" { print held last }
    { held = sign; last = line }
    END { if (held != "") print held last }' "$3.raw" >"$3"
}

# Lines that only one of the lists $1 and $2 has, in any order, into $3; those of the second begin with a
# tab. Lines as for `signed`.
unlike() {
  signed "$1" "$2" "$3.signed" || return 1
  awk '{ line = substr($0, 2) }
    part == "came" { if (substr($0, 1, 1) == "+") came[line]; next }
    substr($0, 1, 1) == "+" { next }
    line in came { delete came[line]; next }
    { print line }
    END { for (line in came) print "\t" line }' part=came "$3.signed" part=went "$3.signed" >"$3"
}

# Paths in lines, as manifests spell them, made a list; and a list made lines.
as_list() {
  if [ "$finder" = printf ]; then tr '\n\000' '\000\n'; else tr '\n' '\000' | sed 's|//n|\n|g'; fi
}
as_lines() {
  if [ "$finder" = printf ]; then
    tr '\n\000' '\000\n'
  else
    xargs -0 sh -c 'for it do
      rest=$it it=
      while case $rest in *"$0"*) ;; *) false ;; esac; do it=$it${rest%%"$0"*}//n rest=${rest#*"$0"}; done
      printf "%s%s\n" "$it" "$rest"
    done' '
'
  fi
}

# awk: the path in a line of a manifest, or in one of the differences.
awk_path='function path_of(i, at) { at = 0; for (i = 1; i <= 9; i++) at += length($i) + 1; return substr($0, at + 1) }'

# What is mounted below the path $1, as `mounts`: the rest of each path as the kernel writes it, with
# blank, tab, newline and backslash as \ooo (proc(5)), in words. A bind mount may be of the same file
# system, so that its number does not tell it.
list_mounts() {
  mounts=
  [ ! -r /proc/mounts ] || mounts=$(P=$1 awk 'BEGIN { above = ENVIRON["P"]
      gsub(/\\/, "\\134", above); gsub(/ /, "\\040", above); gsub(/\t/, "\\011", above); gsub(/\n/, "\\012", above)
      above = above "/" }
    index($2, above) == 1 { print substr($2, length(above)) }' /proc/mounts)
}

# The path that the kernel writes as $1, as `plain`.
plain_mount() {
  plain=$1
  case $1 in
    *\\*) plain=$(printf '%b.' "$(printf '%s' "$1" | sed 's/\\/\\0/g')") && plain=${plain%.} ;;
  esac
}

# The pattern that matches the path $1 and no other.
as_pattern() {
  case $1 in
    *[]\\*?[]*) printf '%s.' "$1" | sed 's/[]\\*?[]/\\&/g' | { pattern=$(cat); printf '%s' "${pattern%.}"; } ;;
    *) printf '%s' "$1" ;;
  esac
}

# The files and folders below ./$1 that we may not read: the first one; nothing when there is none.
unreadable_in() {
  found=$(find "./$1" -xdev \( -type f -o -type d \) -exec sh -c '
    for it do
      [ -r "$it" ] && { [ ! -d "$it" ] || [ -x "$it" ]; } && continue
      [ ! -e "$it" ] || printf "%s//" "$it"
    done' sh {} + 2>/dev/null && printf .)
  case $found in *//*) printf '%s' "${found%%//*}" ;; esac
}
