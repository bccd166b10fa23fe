# Content out of the snapshots. Whoever calls `unpack` has a working folder `work` of its own.

# What the snapshot $1 says of its tree number $2: `complete`, its folder; `path`, `top` and `name`;
# `is`; `base`, the file with its whole manifest. False when there is no such number.
recall() {
  complete=$home/snapshots/$1
  [ -f "$complete/$2.path" ] || return 1
  path=$(cat -- "$complete/$2.path" && printf .)
  path=${path%.}
  read -r is <"$complete/$2.is"
  base=$complete/$2.manifest
  [ -f "$base" ] || base=/dev/null
  part
}

# Puts what the snapshot $1 holds of its tree number $2 under the names in the file $3 ("./NAME/…",
# each ended by a zero byte) into the folder $4, as $4/./NAME/…; $3 is "-": everything. A name that it
# does not hold is no error. False when it failed, and `trouble` says why.
unpack() {
  recall "$1" "$2" || { trouble="there is no such tree"; return 1; }
  [ "$is" = kept ] || return 0
  from=$4
  if [ -f "$complete/$2.tar" ]; then
    unpack_archive "$2" "$3"
  else
    unpack_copies "$2" "$3"
  fi
  # A name that is not in the archive vanished while it was made; whoever needs it will see.
  case $told in
    *'o space left'*)
      trouble=disk-full
      return 1
      ;;
  esac
}

# tar(1) looks through all names that it is given for each entry of the archive, but it finds those
# that it is to leave out by a hash: from here on the others are named.
names_max=200

unpack_archive() { # number list
  archive=$complete/$1.tar
  if [ "$2" = - ]; then
    told=$(told_by tar -C "$from" $tar_flags -xpf "$archive")
    return
  fi
  # A link to a file needs that file, whichever of its names the archive has it under.
  grep -a '^f ' "$base" | grep -av '^f 1 ' | cut -d ' ' -f 10- |
    tr '\n\000' '\000\n' | cat -- "$2" - >"$work/unpack.list"
  if [ "$(tr -dc '\000' <"$work/unpack.list" | wc -c)" -gt "$names_max" ] && list_others; then
    set -- --anchored --no-wildcards -X "$work/unpack.others"
  else
    set -- --null --no-recursion --no-unquote -T "$work/unpack.list"
  fi
  told=$(told_by tar -C "$from" $tar_flags -xpf "$archive" "$@")
}

# Everything in the archive that nobody asked for. What can't be written in such a list, a name with
# a newline, is unpacked too, and so are folders.
list_others() {
  command -v comm >/dev/null 2>&1 || return 1
  tr '\n\000' '\000\n' <"$work/unpack.list" | sort >"$work/unpack.wanted"
  grep -av '^d ' "$base" | cut -d ' ' -f 10- | sort | comm -23 - "$work/unpack.wanted" |
    tr '\000' '\001' | grep -av "$(printf '\001')" >"$work/unpack.others"
  [ -f "$work/unpack.others" ]
}

# Copies out of a copied tree, so that what is put back never shares a file with the snapshot.
unpack_copies() { # number list
  if [ "$2" = - ]; then
    told=$(cd "$complete/$1.tree" && told_by cp -a -- "./$name" "$from/")
    return
  fi
  rm -rf -- "$work/unpack.links"
  mkdir -- "$work/unpack.links"
  told=$(cd "$complete/$1.tree" && told_by xargs -0 sh -c 'into=$1 links=$2 status=0
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
    exit $status' sh "$from" "$work/unpack.links" <"$2")
}
