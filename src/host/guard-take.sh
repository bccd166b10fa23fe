# Reading content into layers. Layer P of tree N is what one reading brought: "N.P.tar=BYTES" in N.is is
# an archive, "N.P.tree=" a copied tree, "N.P.none=" nothing.
#   N.P.index   of an archive: "block NUMBER: PATH", as tar(1) says it, the path in its escape style
#   N.P.names   what a layer holds, a sorted list; not there for one that was read whole
#   N.P.gone    what is to be taken away before the layer is laid over older ones
# An entry is settled when it was the same before and after it was read, and did not change at the
# moment of reading. What is not settled is read again, into a layer of its own.

# Readings of one tree.
readings_max=4

take_content() { # with plan: full | delta, fine, copy
  set -- $plan
  how=$1 fine=$2 wide=${3-}
  reading=0 again=$scratch.again
  : >"$scratch.odd"
  : >"$scratch.foreign"
  : >"$scratch.missing"
  if [ "$how" = delta ]; then
    mark_time
    [ ! -s "$scratch.gone" ] || mv -f -- "$scratch.gone" "$held.0.gone" || give_up disk-full "$spool"
    cp -- "$scratch.plus" "$again" || give_up disk-full "$spool"
  fi
  while :; do
    layer=$held.$reading
    : >"$scratch.absent"
    rest_a_tick
    if [ "$how" = full ] && [ "$reading" = 0 ]; then read_whole; else read_listed; fi
    weigh
    [ "$how" = full ] || [ "$reading" -gt 0 ] || cp -- "$scratch.seen" "$scratch.fresh" || give_up disk-full "$spool"
    reading=$((reading + 1))
    [ -s "$again" ] && [ "$reading" -lt "$readings_max" ] && still_room || break
    mark_time
  done
  [ ! -s "$scratch.foreign" ] || unproven "$scratch.foreign" "something else was read in its place"
  [ ! -s "$scratch.missing" ] || unproven "$scratch.missing" "it was moved away while it was read, each time"
  if [ -s "$again" ]; then
    unstable=$((unstable + $(wc -l <"$again")))
    cp -- "$again" "$held.racy" || give_up disk-full "$spool"
  fi
  [ ! -f "$held.$reading.gone" ] || layers="$number.$reading.none= $layers"
  [ "$how" = full ] && [ "$whole" = settled ] || tally "$held.manifest" "$held.facts" '' "$fine"
  count_immutable
  add_facts "$held.facts"
  write_is "$number.manifest"
}

# Long enough that what changes from now on shows another time than what changed before. Where times are
# whole seconds that is long, and `mark_time` has gone back as far: only what is read again has to wait.
rest_a_tick() {
  if [ "$fine" = 0 ]; then
    [ "$reading" = 0 ] || sleep 3
  elif [ "$nap" = 1 ]; then sleep 1; else sleep 0.03; fi
}

# Reading again what is written all the time must not fill the disk.
still_room() {
  free=$(free_at -Pk "$spool")
  bytes=$(awk '$1 == "f" { sum += $6 } END { printf "%.0f\n", sum + NR * 2048 }' "$again")
  [ -z "$free" ] || [ $((free - bytes / 1024)) -gt $(((reserve_bytes + 1023) / 1024)) ]
}

# A tool's words in $scratch.said are kept from here to `weigh`, which knows whether they are explained.
read_whole() {
  known=$held.manifest
  if [ -n "$wide" ]; then
    copy_whole
    kind=tree length=
  else
    list_mounts "$path"
    set -f --
    for mount in $mounts; do
      plain_mount "$mount"
      set -- "$@" "--exclude=./$(as_pattern "$name$plain")/*"
    done
    set +f
    # What it finds by itself it opens from folder to folder, and never through a link.
    (enter_or_say "$top" && exec tar $tar_flags --anchored --wildcards "$@" -b 512 --quoting-style=escape \
      -cvRf "$layer.tar" -- "./$name") >"$layer.index" 2>"$scratch.said"
    status=$?
    kind=tar length=$(size_of "$layer.tar")
  fi
  layers="${layer##*/}.$kind=$length $layers"
  walk "$top" "$name" "$scratch.seen" || [ $? = 1 ] || blame "$(tail -c 4096 "$scratch.seen.trouble" 2>&1)"
  [ -f "$scratch.seen" ] || : >"$scratch.seen"
  [ "$kind" = tar ] || odd_copies "$scratch.seen"
}

# Reads the entries of the lines in $again, with the folders on the way to them.
read_listed() {
  known=$scratch.known
  mv -f -- "$again" "$known" && cut -d ' ' -f 10- "$known" | with_parents | sort -u >"$layer.names" &&
    as_list <"$layer.names" >"$scratch.list" || give_up disk-full "$spool"
  if [ -n "$tar_flags" ]; then
    unled "$top" "$name" tar $tar_flags --quoting-style=escape -cvvRf "$layer.tar" --null --no-recursion \
      --no-unquote -T "$scratch.list" >"$scratch.index" 2>"$scratch.said"
    status=$?
    kind=tar length=$(size_of "$layer.tar")
  else
    mkdir -- "$layer.tree" || give_up disk-full "$spool"
    copied=yes kind=tree length=
    copies unled "$top" "$layer.tree" "$scratch.list" 2>"$scratch.said"
    status=$?
  fi
  layers="${layer##*/}.$kind=$length $layers"
  look_at "$top" "$scratch.list" "$scratch.looked" || blame "$(tail -c 4096 "$scratch.looked.trouble" 2>&1)"
  awk "$awk_path $awk_below" part=known "$known" part=looked "$scratch.looked" >"$scratch.seen" ||
    give_up disk-full "$spool"
  if [ "$kind" = tar ]; then odd_members; else odd_copies "$scratch.looked"; fi
}

# awk: of the lines that were looked at, those that were asked for. What lies behind a link that took
# the place of a folder is not there.
awk_below='
{ path = path_of() }
part == "known" { asked[path]; next }
!(path in asked) { if ($1 != "d") blocked[path] = ++blocks; next }
{ line[++count] = $0; name[count] = path; if ($1 != "d") file[path] }
function is_below(path) {
  while (match(path, /\/[^\057]*$/) && RSTART > 2) {
    path = substr(path, 1, RSTART - 1)
    if ((path in blocked) || (path in file)) return 1
  }
  return 0
}
END { for (i = 1; i <= count; i++) if (!is_below(name[i])) print line[i] }'

# Entries that can't be changed before chattr(1) was asked to: the copy has no such flag.
count_immutable() {
  read -r count content files sockets_here devices_here others_here fine big stored flags <"$held.facts"
  [ "$count" -le "$lsattr_max" ] && command -v lsattr >/dev/null 2>&1 || return 0
  flags=$(grep -a '^[fd] ' "$held.manifest" | cut -d ' ' -f 10- | as_list |
    unled "$top" "$name" xargs -0 lsattr -d -- 2>/dev/null | grep -c -a '^[-A-Za-z]*[ai][-A-Za-z]* \./')
  echo "$count $content $files $sockets_here $devices_here $others_here $fine $big $stored $((flags))" >"$held.facts"
}

# Copies the tree where there is no tar(1) that keeps everything, or where copying is cheaper.
copy_whole() {
  copied=yes
  mkdir -- "$layer.tree" || give_up disk-full "$spool"
  list_mounts "$path"
  if [ -n "$tar_flags" ]; then
    unled "$top" "$name" cp -ax --reflink=auto -- "./$name" "$layer.tree/" 2>"$scratch.said"
    status=$?
  elif [ -n "$mounts" ]; then
    # cp(1) of BusyBox would go into them.
    cut -d ' ' -f 10- "$held.manifest" | as_list >"$scratch.list"
    copies unled "$top" "$layer.tree" "$scratch.list" 2>"$scratch.said"
    status=$?
  else
    unled "$top" "$name" cp -a -- "./$name" "$layer.tree/" 2>"$scratch.said"
    status=$?
    refine_times "$top" "$layer.tree" "$count"
  fi
}

# Entries of a copied tree whose times are kept to the nanosecond: cp(1) of BusyBox cuts times to the
# second; touch(1) does not, but wants a process for each.
exact_times_max=20000
losses_of_copy=

refine_times() { # from, to, entries
  if [ "$3" -gt "$exact_times_max" ]; then
    losses_of_copy="times below a second"
    return
  fi
  unled "$1" "$name" find "./$name" -xdev -exec sh -c 'into=$1; shift'"$make_way"'
    for it do [ -L "$it" ] || [ -L "$into/$it" ] || [ ! -e "$into/$it" ] || ! make_way "${it%/*}" || touch -c -r "$it" "$into/$it"; done
    ' sh "$2" {} + 2>/dev/null
}
