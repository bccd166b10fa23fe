# Fingerprints: one word for what stands at a path, which is another word once that is changed. Reads
# only. Times of change and inodes are no part of it, nor sizes and times of folders: whoever restores a
# file exactly has changed nothing.

fingerprint_format='%y %m %U %G %s %T@ %p %l\0'
fingerprint_folders='%y %m %U %G %p\0'

# Looks at one tree, for one that is changed while it is looked at.
fingerprint_tries=3

fingerprint() { # path and whole | itself, again and again
  bound_time
  while [ $# -gt 0 ]; do
    path=$1 extent=$2
    shift 2
    part
    print=
    tries=0
    while [ -z "$print" ] && [ "$tries" -lt "$fingerprint_tries" ]; do
      tries=$((tries + 1))
      print=$(print_tree)
    done
    cd /
    frame PRINT "$print"
  done
}

# The word; "none" where nothing stands there, or only by way of a link; nothing where it can't be told.
print_tree() {
  enter "$top" && { [ -e "./$name" ] || [ -L "./$name" ]; } || { echo none; return; }
  depth=
  [ "$extent" = whole ] || depth='-maxdepth 0'
  told=$({ { list_for_print; echo "$?" >&8; } | LC_ALL=C sort | sha256sum; } 8>&1 2>/dev/null)
  case $told in
    "0
"*) told=${told#*
} && printf '%s\n' "${told%% *}" ;;
  esac
}

list_for_print() {
  if [ "$finder" = printf ]; then
    # Where a pipe hides how find(1) ended, what it says last does not.
    { in_bounds find "./$name" -xdev $depth \( -type d -printf "$fingerprint_folders" -o -printf "$fingerprint_format" \) && printf 'end\0'; } |
      tr '\n\000' '\001\n' | awk '{ print; last = $0 } END { exit last != "end" }'
  else
    { in_bounds find "./$name" -xdev $depth -exec stat -c '%f %u %g %s %y %N//' {} + && echo end; } |
      awk '{ last = $0 } $1 ~ /^4/ { $4 = $5 = $6 = $7 = "" } { print } END { exit last != "end" }'
  fi
}

# One entry takes no time; and timeout(1) of BusyBox keeps a pipe open for up to a second.
in_bounds() { if [ "$extent" = whole ]; then within_time "$@"; else "$@"; fi; }
