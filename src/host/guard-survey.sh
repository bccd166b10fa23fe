# What a new snapshot has to read: each tree is walked, and compared with the newest complete snapshot
# of the same rollout that has its path. Scratch files are in $work; what stays begins with $held.

# Entries that one tree may have.
entries_max=2000000

# Snapshots of this rollout that are looked through for an earlier one of the same path.
looks_back_max=16

# Layers that hold one tree; when there would be more, all that changed since the full one is read again.
layers_max=8

# Up to so many entries and bytes are a delta, however small the tree is.
delta_entries=1000
delta_bytes=1048576

# Bytes of content for each file from which on a copy is cheaper than an archive: cp(1) reads and
# writes within the kernel, tar(1) makes fewer inodes.
copy_from_bytes=65536

# Surveys tree number $number. `plan` says how to go on: none, same, listed, full or delta.
survey() { # kept | listed
  held=$partial/$number scratch=$work/$number plan=none is=$1 layers=
  printf '%s' "$path" >"$held.path" || give_up disk-full "$spool"
  mark_time
  walk "$top" "$name" "$held.manifest"
  case $? in
    0) ;;
    3) give_up too-many "$path" "$entries_max" ;;
    1)
      if ! { [ -e "$path" ] || [ -L "$path" ]; }; then
        echo absent >"$held.is" || give_up disk-full "$spool"
        return
      fi
      blame "" ;;
    *) blame "$(tail -c 4096 "$held.manifest.trouble" 2>&1)" ;;
  esac
  note_above >"$held.above"
  if find_earlier && look_same; then
    plan=same
    write_is "$earlier_base"
    add_facts "$home/snapshots/${earlier_base%.manifest}.facts"
  elif [ "$is" = listed ]; then
    plan=listed
    tally "$held.manifest" "$held.facts"
    write_is "$number.manifest"
    add_facts "$held.facts"
  else
    plan_delta || plan_full
  fi
}

write_is() { # manifest
  # shellcheck disable=SC2086
  printf '%s\n' "$is" "$1" $layers >"$held.is" || give_up disk-full "$spool"
}

# The newest complete snapshots of this rollout, the newest first, as `order`; `turn`: the number that
# the next one gets.
put_in_order() {
  turn=0 order=
  for earlier in "$home"/snapshots/*/turn; do
    made=
    { read -r made <"$earlier"; } 2>/dev/null || continue
    earlier=${earlier%/turn}
    order="$order$made ${earlier##*/}
"
    [ "$made" -lt "$turn" ] || turn=$((made + 1))
  done
  order=$(printf '%s' "$order" | sort -rn | head -n "$looks_back_max" | cut -d ' ' -f 2)
}

# The newest complete snapshot that has this path, with its content where that is to be kept:
# `earlier_base`, its manifest, and `layers`. False when there is none.
find_earlier() {
  IFS= read -r line <"$held.path"
  for earlier in $order; do
    at=0
    while [ -f "$home/snapshots/$earlier/$at.path" ]; do
      IFS= read -r first <"$home/snapshots/$earlier/$at.path"
      [ "$first" != "$line" ] || ! cmp -s "$home/snapshots/$earlier/$at.path" "$held.path" ||
        ! read_earlier || return 0
      at=$((at + 1))
    done
  done
  earlier_base= layers=
  return 1
}

# False when number $at of the snapshot $earlier does not do, or when something of it is missing.
read_earlier() {
  read_is "$home/snapshots/$earlier" "$at"
  case $is.$told in kept.kept | listed.kept | listed.listed) ;; *) return 1 ;; esac
  [ "$is" = kept ] || layers=
  [ -f "$home/snapshots/$earlier_base" ] && [ -f "$home/snapshots/${earlier_base%.manifest}.facts" ] || return 1
  # Has every archive the length that it had when it was made?
  set --
  lengths=
  for layer in $layers; do
    stored=$home/snapshots/${layer%=*}
    case $layer in
      *.tar=*) set -- "$@" "$stored"; lengths="$lengths${layer##*=}
" ;;
      *.tree=*) [ -d "$stored" ] || return 1 ;;
    esac
  done
  [ $# -eq 0 ] || [ "$(stat -c %s -- "$@" 2>/dev/null)
" = "$lengths" ]
}

# What the folder $1 of a snapshot says of its tree number $2: `told`, absent | listed | kept; then,
# below $home/snapshots, its manifest as `earlier_base` and its layers, the newest first.
read_is() {
  told= earlier_base= layers=
  {
    read -r told
    read -r earlier_base
    while read -r layer; do
      case $layer in */*) ;; *) layer=${1##*/}/$layer ;; esac
      layers="$layers$layer "
    done
  } <"$1/$2.is"
  case $earlier_base in '' | */*) ;; *) earlier_base=${1##*/}/$earlier_base ;; esac
}

# Is the tree as in the snapshot that was found, and all that is known of it beyond doubt? Else
# $scratch.changes has the differences, and `racy` is the file with lines that are in doubt.
look_same() {
  : >"$scratch.changes"
  racy=$home/snapshots/${earlier_base%.manifest}.racy
  cmp -s "$home/snapshots/$earlier_base" "$held.manifest" ||
    differences "$home/snapshots/$earlier_base" "$held.manifest" "$scratch.changes" || give_up disk-full "$spool"
  [ ! -s "$scratch.changes" ] && { [ ! -s "$racy" ] || [ "$is" = listed ]; }
}

# awk: of `differences`, the lines that are new without their sign into the file `plus`, and the names
# of what is gone or of another type into the file `gone`. A socket can't be kept.
awk_split='{ sign = substr($0, 1, 1); type = substr($0, 2, 1); path = path_of()
  if (sign == "-") { was[path] = type; next }
  is[path] = type
  if (type != "s") print substr($0, 2) >plus }
END { for (path in was) if (!(path in is) || is[path] != was[path]) print path >gone }'

# False when too much has changed, or when there is nothing to build on.
plan_delta() {
  [ -n "$layers" ] || return 1
  read -r count content files sockets_here devices_here others_here fine big stored flags \
    <"$home/snapshots/${earlier_base%.manifest}.facts"
  : >"$scratch.plus"
  : >"$scratch.gone"
  awk -v plus="$scratch.plus" -v gone="$scratch.gone" "$awk_path $awk_split" "$scratch.changes" || give_up disk-full "$spool"
  : >"$scratch.extra"
  [ ! -s "$racy" ] || cut -d ' ' -f 10- "$racy" >"$scratch.extra" || give_up disk-full "$spool"
  # shellcheck disable=SC2086
  set -- $layers
  [ $# -lt "$layers_max" ] || join_deltas "$@"
  if [ -s "$scratch.extra" ]; then
    as_list <"$scratch.extra" >"$scratch.list" && look_at "$top" "$scratch.list" "$scratch.looked" &&
      awk "$awk_path"' part == "plus" { has[path_of()]; next } $1 != "s" && !(path_of() in has)' \
        part=plus "$scratch.plus" part=looked "$scratch.looked" >>"$scratch.plus" || give_up disk-full "$spool"
  fi
  with_other_names || give_up disk-full "$spool"
  set -- $(awk '{ stored += 4096 + length($0) * 4; if ($1 == "f") bytes += $6 } END { printf "%d %.0f %.0f\n", NR, bytes, bytes + stored }' "$scratch.plus")
  if [ "$1" -gt "$delta_entries" ] && [ $(($1 * 2)) -gt "$count" ] ||
    [ "$2" -gt "$delta_bytes" ] && [ $(($2 * 2)) -gt "$content" ]; then
    return 1
  fi
  plan="delta $fine"
  needed=$((needed + $3 / 1024))
}

# A folder that moved brings new names of files whose other names are as they were. All names of a file
# go into one layer: out of two of them it would come as two files.
with_other_names() {
  grep -a '^[^d] \([2-9]\|1[0-9]\)' "$scratch.plus" >"$scratch.linked" || return 0
  awk "$awk_path"' part == "linked" { inode[$7]; has[path_of()]; next }
    $1 != "d" && $1 != "s" && $7 in inode && !(path_of() in has)' part=linked "$scratch.linked" \
    part=manifest "$held.manifest" >>"$scratch.plus"
}

# All deltas in one: their names are read again, and what they took away is taken away again.
join_deltas() { # layers, the newest first
  while [ $# -gt 1 ]; do
    stored=$home/snapshots/${1%.*}
    cat -- "$stored.names" >>"$scratch.extra" 2>/dev/null
    cat -- "$stored.gone" >>"$scratch.gone" 2>/dev/null
    shift
  done
  layers=$1
  sort -u "$scratch.extra" >"$scratch.sorted" && mv -f -- "$scratch.sorted" "$scratch.extra" || give_up disk-full "$spool"
}

plan_full() {
  layers=
  tally "$held.manifest" "$held.facts" "$scratch.late" 0
  read -r count content files sockets_here devices_here others_here fine big stored flags <"$held.facts"
  [ "$count" -le "$entries_max" ] || give_up too-many "$path" "$entries_max"
  plan="full $fine"
  if [ -z "$tar_flags" ] || copies_are_cheaper; then
    plan="$plan copy"
    needed_inodes=$((needed_inodes + count))
  fi
  # Holes take no room.
  if [ "$big" -gt 0 ]; then
    taken=$(bytes_of_large)
    [ -z "$taken" ] || [ "$taken" -ge "$big" ] || stored=$((stored - big + taken))
  fi
  needed=$((needed + stored / 1024 + count / 4))
}

copies_are_cheaper() {
  [ "$files" -gt 0 ] && [ $((content / files)) -ge "$copy_from_bytes" ] || return 1
  list_mounts "$path"
  [ -z "$mounts" ] && cp -ax --reflink=auto -- "$partial/owner" "$work/probe" 2>/dev/null
}

# Bytes on disk of the files of a megabyte or more.
bytes_of_large() {
  grep -a -E '^f [0-9]+ [0-7]+ [0-9]+ [0-9]+ [0-9]{7,} ' "$held.manifest" | cut -d ' ' -f 10- | as_list |
    (enter "$top" && xargs -0 stat -c '%b %B' -- 2>/dev/null) |
    awk '{ sum += $1 * $2 } END { printf "%.0f\n", sum }'
}

# `stamp`: a time before anything that is read after the next tick; what changed at it or later may
# change once more without another time. `coarse`: the same where times are told in whole seconds;
# `tomorrow`: times from there on were set by hand.
mark_time() {
  echo >"$work/stamp" || give_up disk-full "$spool"
  if [ "$finder" = printf ]; then
    stamp=$(find "$work/stamp" -printf '%C@')
    coarse=$((${stamp%%.*} - 2)) tomorrow=$((${stamp%%.*} + 86400))
  else
    set -- $(stat -c '%Z %z' "$work/stamp")
    stamp=$2T$3
    coarse=$(date -u -d "@$(($1 - 2))" +%Y-%m-%dT%H:%M:%S) tomorrow=$(date -u -d "@$(($1 + 86400))" +%Y-%m-%dT%H:%M:%S)
  fi
}

# awk: what a manifest amounts to: entries, bytes of content, files, sockets, devices, entries of
# others than `me`, whether times have parts of a second (1) or not (0), bytes of files of a megabyte
# or more, bytes of an archive; later, entries that can't be changed. Lines of entries that changed at `stamp` or later go into the file
# `late`, if it has a name.
awk_tally='
{ stored += 1536 + length($0) * 2 }
$1 == "f" { files++; bytes += $6; stored += int(($6 + 511) / 512) * 512; if ($6 >= 1000000) big += $6 }
$1 == "s" { sockets++ }
$1 == "b" || $1 == "c" { devices++ }
$4 != me { others++ }
!fine && $9 !~ /\.0*$/ { fine = 1 }
late != "" && ($9 >= coarse || $8 >= coarse && $8 < tomorrow) && $1 != "d" && $1 != "s" {
  kept[++count] = $0
  near[count] = $9 >= stamp || $8 >= stamp && $8 < tomorrow }
END { printf "%d %.0f %d %d %d %d %d %.0f %.0f\n", NR, bytes, files, sockets, devices, others, fine, big, stored
  for (i = 1; i <= count; i++) if (!fine || near[i]) print kept[i] >late }'

tally() { # manifest, file for the facts, file for late ones or nothing, fine
  [ -z "${3-}" ] || : >"$3"
  awk -v me="$uid" -v stamp="$stamp" -v coarse="$coarse" -v tomorrow="$tomorrow" -v late="${3-}" \
    -v fine="${4-0}" "$awk_tally" "$1" >"$2" || give_up disk-full "$spool"
}

# Takes the facts $1 of a tree into the sums of this snapshot.
add_facts() {
  read -r count content files sockets_here devices_here others_here fine big stored flags <"$1"
  [ "$count" -le "$entries_max" ] || give_up too-many "$path" "$entries_max"
  entries=$((entries + count)) total=$((total + content))
  [ "$is" = kept ] || return 0
  sockets=$((sockets + sockets_here)) devices=$((devices + devices_here)) others=$((others + others_here))
  immutable=$((immutable + ${flags:-0}))
  list_mounts "$path"
  set -f -- $mounts
  mounted=$((mounted + $#))
  set +f
}
