# What has to be done so that a tree is again as its rules want it: shell text, which guard-restore.sh
# then reads, phase by phase. Reads the tree; nothing in it is changed here.
#   $plan/remove   what was not there, the deepest last
#   $plan/clear    what is in the way
#   $plan/adopt    hard links to what is still there
#   $plan/make     what comes back or is replaced, by folder
#   $plan/models   folders whose times are needed later
#   $plan/finish   mode, owner and times of folders; $plan/last: the time of the tree's own
#   $plan/told     conflicts, and what can't be put back
#   $plan/list     names that the snapshot must give; $plan/odd: those with a newline, as shell text

# The manifest or rules $1 as text for awk(1) in $2: a newline in a name is "//n", as stat prints it.
plain() {
  if [ "$(tr -dc '\000' <"$1" | head -c 1 | wc -c)" -eq 0 ]; then
    cat -- "$1" >"$2"
  elif [ "$(printf 'a\000b\n' | sed 's/\x00/\/\/n/g' 2>/dev/null)" = a//nb ]; then
    sed 's/\x00/\/\/n/g' "$1" >"$2"
  else
    od -v -An -tu1 -- "$1" | awk '{ for (i = 1; i <= NF; i++) if ($i == 0) printf "//n"; else printf "%c", $i + 0 }' >"$2"
  fi
}

# The rules in the file $1 as they count in the tree at `path`, in $2: "how name", with the names of
# manifests; "." for what the rules above it say. `reach`: none, brief (only what is gone) or full.
rules_here() {
  reach=$(path=$path name=$name awk '
    function encoded(text) { gsub(/\n/, "//n", text); return text }
    BEGIN { path = encoded(ENVIRON["path"]); name = encoded(ENVIRON["name"]); best = -1; above = "leave" }
    { how = substr($0, 1, index($0, " ") - 1); at = substr($0, index($0, " ") + 1) }
    at == path || index(at, path "/") == 1 { print how, "./" name substr(at, length(path) + 1) >to; said[how]; own = own || at == path; next }
    how != "made" && (at == "/" || index(path, at "/") == 1) && length(at) > best { best = length(at); above = how }
    END {
      print above, "." >to
      if (!own) said[above]
      print ("changed" in said || "exactly" in said || "made" in said) ? "full" : ("deleted" in said) ? "brief" : "none"
    }' to="$2" "$1")
}

# Type and name of all that is at ./$2 in the folder $1 now, into $3, as `walk` looks; empty when it is
# not there.
look_briefly() (
  [ "$finder" != printf ] || walk_format='%y %p\0'
  walk "$1" "$2" "$3.found"
  found=$?
  [ "$found" -ne 1 ] || : >"$3.found"
  [ "$found" -le 1 ] || return "$found"
  [ "$finder" = printf ] || { cut -d ' ' -f 1,10- "$3.found" >"$3.cut" && mv -f -- "$3.cut" "$3.found"; } || return 1
  plain "$3.found" "$3"
)

# Lines that only one of the lists $1 and $2 has, into $3; those of the second begin with a tab.
unlike() {
  sort "$1" >"$3.one" && sort "$2" >"$3.two" || return 1
  if command -v comm >/dev/null 2>&1; then
    comm -3 "$3.one" "$3.two" >"$3"
  else
    awk 'FILENAME == other { seen[$0]; next } !($0 in seen)' other="$3.two" "$3.two" "$3.one" >"$3" &&
      awk 'FILENAME == other { seen[$0]; next } !($0 in seen) { print "\t" $0 }' other="$3.one" "$3.one" "$3.two" >>"$3"
  fi
}

# What can't be told from these is the same: a restore gives new inodes and change times.
lasting() { cut -d ' ' -f 1,3-6,8,10- "$1"; }

# File systems mounted below `path`, by their names in manifests, one a line.
mounted_here() {
  list_mounts "$path"
  {
    set -f
    for mount in $mounts; do
      plain_mount "$mount"
      printf '%s\0' "./$name$plain"
    done
  } | tr '\n\000' '\000\n'
}

# Can a time be set from a manifest (`text`), or only from something that has it (`model`)?
know_times() {
  [ -z "${times-}" ] || return 0
  times=model
  [ "$finder" = printf ] || return 0
  touch -d @1700000000.1234567890 "$work/time" 2>/dev/null
  [ "$(find "$work/time" -printf %T@ 2>/dev/null)" != 1700000000.1234567890 ] || times=text
}

# The other trees of the snapshot $1 that lie in this one and were kept, by their names in it.
others_here() {
  each=0
  while [ -f "$home/snapshots/$1/$each.path" ]; do
    inner=$(cat -- "$home/snapshots/$1/$each.path" && printf .)
    inner=${inner%.}
    case $inner in
      "$path"/*) [ "$(cat -- "$home/snapshots/$1/$each.is")" = listed ] || printf '%s\000' "./$name${inner#"$path"}" ;;
    esac
    each=$((each + 1))
  done | tr '\n\000' '\000\n'
}

# Plans tree number $2 of the snapshot $1, whose `recall` was just done, by the rules $3, in `plan`.
# `pass`: how often it was planned already, and this time. False with `trouble` when the tree can't be looked at. `todo` says whether anything is to be done.
plan_tree() {
  todo=no
  rm -rf -- "$plan"
  mkdir -- "$plan" || { trouble=disk-full; return 1; }
  rules_here "$3" "$plan/rules"
  [ "$reach" != none ] || return 0
  : >"$plan/linked"
  : >"$plan/foreign"
  after=$home/after/$1/$2.manifest
  [ ! -f "$home/after/$1/$2.same" ] || after=$base
  if [ "$reach" = brief ]; then
    cut -d ' ' -f 1,10- "$base" >"$plan/base.raw"
    plain "$plan/base.raw" "$plan/base.brief"
    look_briefly "$top" "$name" "$plan/now" || { not_walked $?; return 1; }
    if cmp -s "$plan/base.brief" "$plan/now"; then : >"$plan/unlike"; else
      unlike "$plan/base.brief" "$plan/now" "$plan/unlike" || { trouble=disk-full; return 1; }
      brief_is_enough || reach=full
    fi
  fi
  if [ "$reach" = full ]; then
    walk "$top" "$name" "$plan/now.raw"
    found=$?
    [ "$found" -ne 1 ] || : >"$plan/now.raw"
    [ "$found" -le 1 ] || { not_walked "$found"; return 1; }
    plain "$plan/now.raw" "$plan/now"
    plain "$base" "$plan/base"
    if cmp -s "$plan/base" "$plan/now"; then : >"$plan/unlike"; else
      unlike "$plan/base" "$plan/now" "$plan/unlike" || { trouble=disk-full; return 1; }
    fi
  fi
  note_later
  [ -s "$plan/unlike" ] || [ -s "$plan/taken" ] || return 0
  todo=yes
  : >"$plan/churned"
  if [ "$reach" = full ] && [ -s "$plan/unlike" ]; then churned "$path" "$base" "$plan/now.raw" "$plan/churned" "$1"; fi
  grep -av -e '^[a-z] 1 ' -e '^d ' "$base" >"$plan/linked.raw"
  plain "$plan/linked.raw" "$plan/linked"
  grep -a '^d ' "$base" >"$plan/folders.raw"
  plain "$plan/folders.raw" "$plan/folders"
  know_times
  me=$(id -u)
  if [ "$me" != 0 ]; then
    plain "$base" "$plan/whole"
    awk '$4 != me' me="$me" "$plan/whole" >"$plan/foreign"
  fi
  mounted_here >"$plan/mounts.raw"
  plain "$plan/mounts.raw" "$plan/mounts"
  : >"$plan/others"
  if [ "$is" = listed ]; then
    others_here "$1" >"$plan/others.raw"
    plain "$plan/others.raw" "$plan/others"
  fi
  entries=$(wc -l <"$base")
  awk "$plan_text" to="$plan" brief="$reach" later_is="$later" entries="$((entries))" room="$word_room" \
    attributes="${tar_flags:+yes}" told_max="$told_max" pass="$pass" times="$times" \
    part=rules "$plan/rules" part=churned "$plan/churned" part=mounts "$plan/mounts" part=others "$plan/others" \
    part=foreign "$plan/foreign" part=linked "$plan/linked" part=folders "$plan/folders" part=later "$plan/later" \
    part=taken "$plan/taken" part=unlike "$plan/unlike" || { trouble=disk-full; return 1; }
}

not_walked() {
  trouble=$(tail -c 1000 "$plan"/now*.trouble 2>/dev/null)
  [ "$1" -ne 3 ] || trouble="it is larger than can be looked at"
  trouble=${trouble:-"it can't be looked at"}
}

# A look at names says all there is to know, unless something has become another type, or what is gone
# may have gone by itself.
brief_is_enough() {
  tree_id "$path"
  [ ! -f "$tree/life" ] || ! grep -aq '^[a-z]' "$plan/unlike" || return 1
  awk '{ sub(/^\t/, ""); at = substr($0, 3) } at in seen { exit 1 } { seen[at] }' "$plan/unlike"
}

# What is not as it was right after the step, in `later`; what the step took, in `taken`. Both empty
# where nobody looked after the step.
note_later() {
  : >"$plan/later"
  : >"$plan/taken"
  [ -f "$after" ] || return 0
  if [ "$reach" = full ]; then
    plain "$after" "$plan/after"
    lasting "$plan/after" >"$plan/after.lasting"
    lasting "$plan/now" >"$plan/now.lasting"
    unlike "$plan/after.lasting" "$plan/now.lasting" "$plan/later"
    [ "$after" != "$base" ] || return 0
    cut -d ' ' -f 1,10- "$plan/base" >"$plan/base.brief"
    cut -d ' ' -f 1,10- "$plan/after" >"$plan/after.brief"
  else
    [ "$after" != "$base" ] || return 0
    cut -d ' ' -f 1,10- "$after" >"$plan/after.raw"
    plain "$plan/after.raw" "$plan/after.brief"
    # Most often no name has come or gone since the step: what it took is what is not there now.
    if cmp -s "$plan/after.brief" "$plan/now"; then cat -- "$plan/unlike" >"$plan/taken"; return; fi
  fi
  unlike "$plan/base.brief" "$plan/after.brief" "$plan/taken"
}
