# Content out of one layer.

# dd(1)s that may be run to read an archive in places; beyond that it is read through.
ranges_max=400

# Blocks that dd(1) copies one by one; head(1) copies more with fewer calls.
blocks_by_one=2048

# An archive of more blocks than this is read as it is when most of it is asked for: cutting it into
# places would copy it once more.
through_min=20480

# Blocks between two members that are read with them, rather than by one more dd(1).
passed_max=512

# The names in the file $share out of the archive $stored. With its index only they are read, and little
# between them; when they are many, all is read. What nobody asked for is left out: tar(1) finds that by
# a hash, but looks through all names that it is to unpack for each entry.
unpack_members() {
  blocks=$(($(size_of "$stored") / 512))
  : >"$work/unpack.others" && : >"$work/unpack.way" || return 1
  awk -v blocks="$blocks" -v most="$ranges_max" -v through="$through_min" -v pass="$passed_max" -v others="$work/unpack.others" \
    "$awk_escape $awk_ranges" part=names "$share" part=index "${stored%.*}.index" >"$work/unpack.ranges" || return 1
  read -r first _ <"$work/unpack.ranges" || return 0
  if [ "$first" != many ]; then
    # Each of these others is named, and what is in a folder of them may have been asked for.
    while read -r block count; do read_blocks; done <"$work/unpack.ranges" |
      tar -C "$into" $tar_flags --anchored --no-wildcards --no-recursion -X "$work/unpack.others" -xpf - \
        >"$work/unpack.said" 2>&1
    return
  fi
  awk -v way="$work/unpack.way" "$awk_escape $awk_others" part=names "$share" part=index "${stored%.*}.index" \
    >"$work/unpack.others" &&
    tar -C "$into" $tar_flags --anchored --no-wildcards --no-recursion -X "$work/unpack.way" \
      --recursion -X "$work/unpack.others" -b 512 -xpf "$stored" >"$work/unpack.said" 2>&1
}

# Nobody has written to the archive since its index was made: blocks are where it says.
read_blocks() {
  if [ "$count" -le "$blocks_by_one" ]; then
    dd bs=512 skip="$block" count="$count" 2>/dev/null <"$stored"
  else
    { dd bs=512 skip="$block" count=0 2>/dev/null && head -c $((count * 512)); } <"$stored"
  fi
}

# awk: a path as GNU tar prints it in its escape style; a newline, which lines spell as a zero byte or
# as "//n", as \n.
awk_escape='
BEGIN {
  for (i = 0; i < 256; i++) escape[sprintf("%c", i)] = i < 32 || i > 126 ? sprintf("\\%03o", i) : sprintf("%c", i)
  split("a b t n v f r", letter, " ")
  for (i = 7; i <= 13; i++) escape[sprintf("%c", i)] = "\\" letter[i - 6]
  escape["\\"] = "\\\\"
  escape[sprintf("%c", 0)] = "\\n"
  for (i in escape) plain[escape[i]] = i
  plain["\\n"] = finder == "printf" ? sprintf("%c", 0) : "//n"
}
function escaped(path,  out, i) {
  gsub(/\/\/n/, "\n", path)
  if (path !~ /[^ -~]|\\/) return path
  for (i = 1; i <= length(path); i++) out = out escape[substr(path, i, 1)]
  return out
}
function unescaped(text,  out, next_one) {
  while ((next_one = index(text, "\\")) > 0) {
    out = out substr(text, 1, next_one - 1)
    text = substr(text, next_one)
    next_one = text ~ /^\\[0-7]/ ? 4 : 2
    out = out plain[substr(text, 1, next_one)]
    text = substr(text, next_one + 1)
  }
  return out text
}
function index_path() { sub(/^block [0-9]+: /, ""); sub(/\/$/, ""); return $0 }
'

# awk: where the members stand, "BLOCK COUNT" a line; "many" when they are in too many places. Names
# that are not in the archive have no line. Members that are read although nobody asked for them go into
# the file `others`: none that can not be written there, see `awk_others`.
awk_ranges='
function close_range(end) {
  if (from != "") { range[++ranges] = from " " end - from; asked += end - from }
  from = ""; passing = 0
}
part == "names" { wanted[escaped($0)]; left++; next }
from == "" && left == 0 { exit }
{ block = $2 + 0 }
passing && block - end > pass { close_range(end) }
{ path = index_path() }
path in wanted {
  left--
  if (from == "") from = block
  for (i = 1; i <= passing; i++) print passed[i] >others
  passing = 0
  next
}
from == "" { next }
!passing { end = block }
path ~ /\\|[ ]$/ { close_range(end); next }
{ passed[++passing] = path }
END { close_range(passing ? end : blocks)
  if (ranges > most || blocks > through && asked * 2 > blocks) print "many"
  else for (i = 1; i <= ranges; i++) print range[i] }'

# awk: members that nobody asked for. What can not be written in a list of tar(1) (odd bytes, a blank at
# the end) is unpacked too. A folder that a newer layer has, but that has in it what was asked for of this
# one, goes into the file `way`: only the folder itself is left out.
awk_others='
part == "names" { path = escaped($0); wanted[path]
  while (match(path, /\/[^\057]*$/) && RSTART > 2 && !((path = substr(path, 1, RSTART - 1)) in above)) above[path]
  next }
{ path = index_path() }
path in wanted || path ~ /\\|[ ]$/ { next }
path in above { print path >way; next }
{ print path }'

# Copies everything out of the copied tree $stored.
copy_layer() {
  if [ -n "$tar_flags" ]; then
    (cd -- "$stored" && exec cp -ax --reflink=auto -- "./$name" "$into/") >"$work/unpack.said" 2>&1
  else
    (cd -- "$stored" && exec find "./$name" -print0) >"$work/unpack.list" 2>"$work/unpack.said"
    copies within "$stored" "$into" "$work/unpack.list" >"$work/unpack.said" 2>&1
  fi
}

# sh: the folder $1 below $into, with those on the way to it; false where a copied link stands in the
# way: the folder was swapped for it between two looks, and it may lead anywhere.
make_way='
    make_way() {
      case $1 in */*) ;; *) return 0 ;; esac
      [ "$1" != "${ready-}" ] || return 0
      make_way "${1%/*}" && [ ! -L "$into/$1" ] && { [ -d "$into/$1" ] || mkdir "$into/$1"; } && ready=$1
    }'

# A folder of ours, where nobody swaps anything; see `unled`.
within() { (cd -- "$1" && shift 2 && exec "$@"); }

# Copies the entries in the list $4 from the folder $2, read by $1 (unled or within), to the folder $3, with
# links among them and with the metadata of folders, and nothing of what is in those. Never a link between
# the two: what is written to one must not change the other.
copies() {
  by=$1
  shift
  if [ -n "$tar_flags" ]; then
    "$by" "$1" "$name" tar $tar_flags -cf - --null --no-recursion --no-unquote -T "$3" |
      tar -C "$2" $tar_flags -xpf -
    return
  fi
  rm -rf -- "$work/links"
  mkdir -- "$work/links" || return 1
  "$by" "$1" "$name" xargs -0 sh -c 'into=$1 links=$2 status=0
    shift 2'"$make_way"'
    for it do
      [ -e "$it" ] || [ -L "$it" ] || continue
      if [ -d "$it" ] && [ ! -L "$it" ]; then make_way "$it" || status=1; continue; fi
      make_way "${it%/*}" || { status=1; continue; }
      [ ! -e "$into/$it" ] && [ ! -L "$into/$it" ] || rm -f "$into/$it"
      inode=$(stat -c "%h.%i" "$it")
      case $inode in
        1.*) ;;
        *) if [ -L "$links/$inode" ]; then
             ln "$into/$(readlink "$links/$inode")" "$into/$it" && continue
           else
             ln -s "$it" "$links/$inode"
           fi ;;
      esac
      { cp -a "$it" "$into/$it" && { [ -L "$it" ] || [ -L "$into/$it" ] || touch -c -r "$it" "$into/$it"; }; } || status=1
    done
    exit $status' sh "$2" "$work/links" <"$3"
  status=$?
  # Folders last of all, for nothing comes into them any more.
  "$by" "$1" "$name" xargs -0 sh -c 'into=$1 status=0
    shift'"$make_way"'
    for it do
      [ -d "$it" ] && [ ! -L "$it" ] && [ -d "$into/$it" ] && make_way "$it" || continue
      chown "$(stat -c %u:%g "$it")" "$into/$it" 2>/dev/null
      { chmod "$(stat -c %a "$it")" "$into/$it" && touch -c -r "$it" "$into/$it"; } || status=1
    done
    exit $status' sh "$2" <"$3" || status=1
  rm -rf -- "$work/links"
  return "$status"
}
