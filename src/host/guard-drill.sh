# A restore is proved before the step: a sample of what a snapshot newly holds is unpacked just as a
# restore would, and compared with the live entries that are still as the snapshot says.

# Entries of one tree that are tried, and bytes of the largest of them.
drill_max=12
drill_bytes=4194304

# Tries tree number $number of the snapshot that is being made; adds to `drilled`.
drill() {
  newly=$held.manifest unsettled=/dev/null
  [ "$how" = full ] || newly=$scratch.fresh
  [ ! -f "$held.racy" ] || unsettled=$held.racy
  awk -v most="$drill_max" -v bytes="$drill_bytes" -v me="$uid" -v count="$count" "$awk_path $awk_sample" \
    part=unsettled "$unsettled" part=newly "$newly" >"$scratch.sample" && cut -d ' ' -f 10- "$scratch.sample" | as_list >"$scratch.list" || give_up disk-full "$spool"
  [ -s "$scratch.list" ] || return 0
  trial=$work/trial
  mkdir -- "$trial" || give_up disk-full "$spool"
  unpack "${partial##*/}" "$number" "$scratch.list" "$trial" || {
    [ "$trouble" != disk-full ] || give_up disk-full "$spool"
    give_up unproven "$path" "$trouble"
  }
  proof_flags=
  for flag in $tar_flags; do
    case $flag in
      # Where a file has holes is for its file system to say.
      --sparse) ;;
      --acls | --xattrs*) grep -q 'Operation not supported$' "$work/unpack.said" || proof_flags="$proof_flags $flag" ;;
      *) proof_flags="$proof_flags $flag" ;;
    esac
  done
  look_at "$top" "$scratch.list" "$scratch.looked" &&
    awk 'part == "sample" { sample[$0]; next } $0 in sample' part=sample "$scratch.sample" part=looked "$scratch.looked" >"$scratch.still"
  while IFS= read -r line; do
    try_entry "${line#* * * * * * * * * }" || unproven "$scratch.entry" "it is not what it was made of"
  done <"$scratch.still"
  cd /
  rm -rf -- "$trial"
}

# Takes the half-made snapshot away: it does not hold the entry of the first line in $1, for $2.
unproven() {
  entry=$(head -n 1 "$1" | cut -d ' ' -f 10- | tr '\000' '\n' && printf .)
  entry=${entry%?.}
  give_up unproven "${top%/}/${entry#./}" "$2"
}

# awk: the first entry of each type, the first with another name, the last, and some in between. Only
# plain names, since they are read from lines.
awk_sample='
function fits(line, path) {
  $0 = line
  path = path_of()
  return $1 != "s" && !(path in skip) && path !~ /[^ -~]|\\|\/\/|[ ]$/ && ($1 != "f" || $6 <= bytes) && (me == 0 || $4 == me && $1 !~ /[bc]/)
}
part == "unsettled" { skip[path_of()]; next }
BEGIN { step = int(count / (most - 6)) + 1 }
{ last = $0; kind = $1; linked = $1 != "d" && $2 > 1 }
(!(kind in tried) || linked && !("links" in tried) || FNR >= due) && chosen < most && fits($0) {
  if (FNR >= due) due = FNR + step
  tried[kind]
  if (linked) tried["links"]
  print last
  chosen++
  done = last }
END { if (last != done && fits(last)) print last }'

# Is ./… as it is now what was unpacked? True also when it is not any more what the snapshot is of.
try_entry() { # path
  folder=${1%/*}
  place=$top
  case $folder in .) ;; *) place=${top%/}/${folder#./} ;; esac
  enter "$place" || return 0
  if same_entry "./${1##*/}" "$trial/$folder"; then
    drilled=$((drilled + 1))
    return
  fi
  printf '%s\n' "$line" >"$scratch.entry"
  printf '%s\0' "$1" >"$scratch.list"
  look_at "$top" "$scratch.list" "$scratch.looked" && ! cmp -s "$scratch.looked" "$scratch.entry"
}

# Compares ./NAME here with ./NAME in the folder $2, by content and by all metadata that the tools keep.
same_entry() {
  if [ -n "$tar_flags" ]; then
    pax='delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f'
    tar $proof_flags --pax-option="$pax" --no-recursion -cf "$scratch.live" -- "$1" 2>/dev/null
    (cd -- "$2" && exec tar $proof_flags --pax-option="$pax" --no-recursion -cf - -- "$1" 2>/dev/null) | cmp -s - "$scratch.live"
    return
  fi
  format='%f %u %g'
  if [ -L "$1" ]; then
    [ "$(readlink "$1" && printf .)" = "$(readlink "$2/$1" && printf .)" ]
    return
  fi
  [ -n "$losses_of_copy" ] || format='%f %u %g %y'
  [ "$(stat -c "$format" "$1")" = "$(stat -c "$format" "$2/$1")" ] || return 1
  [ ! -f "$1" ] || same_content "$1" "$2/$1"
}
