# What one reading of a tree is worth: which entries it got as they are, and which have to be read again.

# What of a reading has to be read once more: `again`. What is known to be gone is gone from the manifest.
weigh() {
  : >"$scratch.changes"
  cmp -s "$known" "$scratch.seen" || differences "$known" "$scratch.seen" "$scratch.changes" || give_up disk-full "$spool"
  : >"$scratch.passing"
  if [ "$how" = full ] && [ "$reading" = 0 ] && { [ "$status" != 0 ] || [ -s "$scratch.changes" ]; }; then
    if [ "$kind" = tree ]; then copied_in_passing; else match_index; fi || give_up disk-full "$spool"
  fi
  # A plain user's copies belong to that user: see `tell_losses`.
  excused='^excused$'
  [ "$uid" = 0 ] || excused='Operation not permitted$'
  other=$(as_messages "$scratch.said" |
    grep -v -e 'No such file or directory$' -e 'Not a directory$' -e 'file changed as we read it$' \
    -e 'File removed before we read it$' -e 'File shrank by [0-9]* bytes; padding with zeros$' \
    -e 'socket ignored$' -e 'file is on a different filesystem; not dumped$' \
    -e 'Too many levels of symbolic links$' -e 'Symbolic link loop$' \
    -e 'implausibly old time stamp' -e ' s in the future$' -e 'due to previous errors$' -e "$excused" | tail -c 4096)
  # Whatever else a tool complains of must be seen to have changed. What was only away for a moment is told
  # by its absence, and read again.
  if [ -n "$other" ] || { [ "$status" != 0 ] && [ ! -s "$scratch.absent" ]; }; then
    [ -s "$scratch.changes" ] || grep -q "$excused" "$scratch.said" || blame "${other:-"$(tail -c 4096 "$scratch.said")"}"
  fi
  : >"$scratch.plus"
  if [ -s "$scratch.changes" ]; then
    awk -v plus="$scratch.plus" -v gone="$held.$((reading + 1)).gone" "$awk_path $awk_split" "$scratch.changes" ||
      give_up disk-full "$spool"
  fi
  if [ "$how" = full ] && [ "$reading" = 0 ]; then
    whole=settled
    if [ -s "$scratch.changes" ]; then
      whole=moved
      mv -f -- "$scratch.seen" "$held.manifest" || give_up disk-full "$spool"
      [ ! -s "$scratch.passing" ] || cat -- "$scratch.passing" >>"$held.1.gone" || give_up disk-full "$spool"
    fi
  else
    [ ! -s "$scratch.changes" ] || mend_manifest
    tally "$scratch.seen" "$scratch.facts" "$scratch.late" "$fine"
  fi
  awk 'part == "plus" { changed[$0]; next } !($0 in changed)' part=plus "$scratch.plus" \
    part=absent "$scratch.absent" >"$scratch.missing" || give_up disk-full "$spool"
  # Folders of a living tree change all the time; once more is enough.
  cat -- "$scratch.plus" "$scratch.late" "$scratch.odd" | awk -v first="$((reading == 0))" "$awk_path"' { path = path_of() }
    ($1 != "d" || first) && !(path in told) { told[path]; print }' >"$again" || give_up disk-full "$spool"
}

# What came after the first look and was gone before the second one, and was read in between, has to go:
# `passing`.
copied_in_passing() {
  awk "$awk_path"' { path = path_of() }
    part == "seen" { known[path]; next }
    !(path in known) { print path }' part=seen "$scratch.seen" part=copied "$scratch.copied" >"$scratch.passing"
}

# The same for an archive; and what is there in both looks and not in it, because a folder above it was
# moved away for a moment: `absent`.
match_index() {
  awk -v finder="$finder" -v absent="$scratch.absent" "$awk_path $awk_escape"'
    part == "seen" { line = $0; path = escaped(path_of()); left[path] = line ~ /^[ds]/ ? "" : line; next }
    { path = index_path(); if (path in left) left[path] = ""; else print unescaped(path) }
    END { for (path in left) if (left[path] != "") print left[path] >absent }' \
    part=seen "$scratch.seen" part=index "$layer.index" >"$scratch.passing" &&
    cat -- "$scratch.absent" >>"$scratch.odd"
}

# Puts the changes of a few entries into the manifest, each in its place.
mend_manifest() {
  awk "$awk_path"'
    part == "changes" { path = path_of()
      # The line with the plus comes first.
      if (substr($0, 1, 1) == "+") { fresh = substr($0, 2); of = path; next }
      put[substr($0, 2)] = of == path ? fresh : ""
      next }
    !($0 in put) { print; next }
    put[$0] != "" { print put[$0] }' part=changes "$scratch.changes" part=manifest "$held.manifest" \
    >"$scratch.mended" && mv -f -- "$scratch.mended" "$held.manifest" || give_up disk-full "$spool"
}

# Lines of the manifest $1 whose copies in the layer are not the same, into $scratch.odd; those that are
# of another entry, also into $scratch.foreign: who copies by paths can be led elsewhere by a link that
# takes the place of a folder for a moment. Those that have none, into $scratch.absent.
odd_copies() {
  if [ -f "$layer.names" ]; then
    look_at "$layer.tree" "$scratch.list" "$scratch.copied"
  else
    walk "$layer.tree" "$name" "$scratch.copied"
  fi || [ $? = 1 ] || blame "$(tail -c 4096 "$scratch.copied.trouble" 2>&1)"
  [ -f "$scratch.copied" ] || : >"$scratch.copied"
  : >"$scratch.foreign"
  awk -v me="$uid" -v exact="$tar_flags" -v foreign="$scratch.foreign" -v absent="$scratch.absent" "$awk_path"' { path = path_of()
      is = $1
      if ($1 != "d") is = is " " $3
      if ($1 != "d" && me == 0) is = is " " $4 " " $5
      same = is
      if ($1 == "f" || $1 == "l") same = same " " $6
      if ($1 != "d" && exact != "") same = same " " $8 }
    part == "copied" { was[path] = is; same_as[path] = same; next }
    $1 == "s" { next }
    path in was && was[path] != is { print >foreign }
    !(path in was) && $1 != "d" { print >absent }
    same_as[path] != same' part=copied "$scratch.copied" part=live "$1" >"$scratch.odd" || give_up disk-full "$spool"
}

# The same for members of an archive that were asked for by name. Makes the layer's index.
odd_members() {
  : >"$layer.index"
  awk -v index_file="$layer.index" -v absent="$scratch.absent" "$awk_path $awk_escape $awk_members" part=names \
    "$layer.names" part=looked "$scratch.looked" part=index "$scratch.index" >"$scratch.foreign" &&
    cat -- "$scratch.foreign" "$scratch.absent" >"$scratch.odd" || give_up disk-full "$spool"
}

# awk: members come in the order of the names. tar(1) tells them as ls(1) does, see -vv.
awk_members='
part == "names" { name[++names] = $0; next }
part == "looked" { path = path_of(); line[path] = $0; next }
{ type = substr($3, 1, 1); owner = $4; block = $2; rest = $0
  sub(/^block [0-9]+: [^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ /, "", rest)
  while (at < names) {
    told = escaped(name[++at])
    if (rest == told || rest == told "/" || index(rest, told " -> ") == 1 || index(rest, told " link to ") == 1) break
    told = ""
  }
  if (told == "") next
  print "block", block, told >index_file
  read_it[at]
  if (!(name[at] in line)) next
  split(line[name[at]], is, " ")
  if (is[4] "/" is[5] != owner || type != "h" && (type == "-" ? "f" : type) != is[1]) print line[name[at]] }
END { for (at = 1; at <= names; at++) if (!(at in read_it) && line[name[at]] ~ /^[^ds]/) print line[name[at]] >absent }'
