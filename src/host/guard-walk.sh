# Manifests: one line an entry, "type links mode uid gid size inode mtime ctime path", with the path
# as "./NAME/…" below the folder that holds the protected path. A newline in a path is a zero byte
# (find -printf) or "//n" (stat), neither of which can be part of a path.

walk_format='%y %n %m %U %G %s %i %T@ %C@ %p\0'

# Walks $2 in the folder $1 into the file $3, never through a link and never onto another file
# system. What could not be read is told in $3.trouble. 1: $2 is not there; 2: it could not be walked.
walk() (
  enter "$1" || return 1
  [ -e "./$2" ] || [ -L "./$2" ] || return 1
  if [ "$finder" = printf ]; then
    find "./$2" -xdev -printf "$walk_format" 2>"$3.trouble" | tr '\n\000' '\000\n' >"$3" || return 2
  else
    find "./$2" -xdev -exec stat -c '%f %h %a %u %g %s %i %y %z %n//' {} + 2>"$3.trouble" |
      awk "$lines_of_stat" >"$3" || return 2
  fi
  # What vanished meanwhile is no trouble: that is what live folders do.
  ! grep -q 'Permission denied' "$3.trouble" || return 2
  rm -f -- "$3.trouble"
)

# stat prints times as "date time zone", and the kind of entry as the first digit of its mode.
lines_of_stat='BEGIN { RS = "//\n"
  kind["1"] = "p"; kind["2"] = "c"; kind["4"] = "d"; kind["6"] = "b"; kind["8"] = "f"; kind["a"] = "l"; kind["c"] = "s" }
{ path = $0
  for (i = 0; i < 13; i++) path = substr(path, index(path, " ") + 1)
  gsub(/\n/, "//n", path)
  print kind[substr($1, 1, 1)], $2, $3, $4, $5, $6, $7, $8 "T" $9, $11 "T" $12, path }'

# Lines of the manifest $1 that are not in $2 with "-", and of $2 that are not in $1 with "+", by
# path, so that the two lines of one path stand together. Needs files $3.* of its own.
differences() {
  if command -v comm >/dev/null 2>&1; then
    sort "$1" >"$3.before" && sort "$2" >"$3.after" || return 1
    {
      comm -23 "$3.before" "$3.after" | sed 's/^/-/'
      comm -13 "$3.before" "$3.after" | sed 's/^/+/'
    } | sort -k 10 >"$3"
  else
    {
      awk 'FILENAME == first { seen[$0]; next } !($0 in seen) { print "-" $0 }' first="$2" "$2" "$1"
      awk 'FILENAME == first { seen[$0]; next } !($0 in seen) { print "+" $0 }' first="$1" "$1" "$2"
    } | sort -k 10 >"$3"
  fi
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
