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
  if [ ! -s "$1" ]; then
    : >"$2"
  elif [ "$(tr -dc '\000' <"$1" | head -c 1 | wc -c)" -eq 0 ]; then
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

# Type and name of all that is at ./$2 in the folder $1 now, as manifests spell it, into $3, as `walk`
# looks; empty when it is not there.
look_briefly() (
  [ "$finder" != printf ] || walk_format='%y %p\0'
  walk "$1" "$2" "$3"
  found=$?
  [ "$found" -ne 1 ] || : >"$3"
  [ "$found" -le 1 ] || return "$found"
  [ "$finder" = printf ] || { briefly "$3" "$3.cut" && mv -f -- "$3.cut" "$3"; }
)

# Type and name, and nothing else, of the lines of the manifest $1, into $2.
briefly() { cut -d ' ' -f 1,10- "$1" >"$2"; }

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
    look_briefly "$top" "$name" "$plan/now" || { not_walked $?; return 1; }
    briefly "$base" "$plan/base" && compare_lists || { trouble=disk-full; return 1; }
    brief_is_enough || reach=full
  fi
  if [ "$reach" = full ]; then
    walk "$top" "$name" "$plan/now"
    found=$?
    [ "$found" -ne 1 ] || : >"$plan/now"
    [ "$found" -le 1 ] || { not_walked "$found"; return 1; }
    cat -- "$base" >"$plan/base" && compare_lists || { trouble=disk-full; return 1; }
  fi
  note_later || { trouble=disk-full; return 1; }
  [ -s "$plan/unlike" ] || [ -s "$plan/taken" ] || return 0
  todo=yes
  churned "$1" || { trouble=disk-full; return 1; }
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

# What $plan/base and $plan/now do not have in common: $plan/unlike.
compare_lists() {
  : >"$plan/unlike"
  cmp -s "$plan/base" "$plan/now" || { unlike "$plan/base" "$plan/now" "$plan/unlike.raw" && plain "$plan/unlike.raw" "$plan/unlike"; }
}

# A look at names says all there is to know, unless something has become another type.
brief_is_enough() { ! grep -q '^	' "$plan/unlike" || awk '{ sub(/^\t/, ""); at = substr($0, 3) } at in seen { exit 1 } { seen[at] }' "$plan/unlike"; }

# The names in $plan/unlike that are gone and count as churn, one a line: $plan/churned. $1 is the key of
# the snapshot.
churned() {
  : >"$plan/churned"
  tree_id "$path"
  may_churn && [ -s "$plan/unlike" ] || return 0
  if [ "$reach" = full ]; then
    differences "$base" "$plan/now" "$plan/gone" || return 1
  else
    awk "$awk_path"' part == "unlike" { if (!/^\t/) gone[substr($0, 3)]; next }
      { path = path_of() } path in gone { print "-" $0 }' part=unlike "$plan/unlike.raw" part=base "$base" >"$plan/gone" ||
      return 1
  fi
  find_churn "$1" "$plan/gone" "$plan/churned" by_name
}

# What is not as it was right after the step, in `later`; what the step took, in `taken`. Both empty
# where nobody looked after the step.
note_later() {
  : >"$plan/later"
  : >"$plan/taken"
  [ -f "$after" ] || return 0
  if [ "$reach" = full ]; then
    lasting "$after" >"$plan/after" && lasting "$plan/now" >"$plan/now.lasting" &&
      unlike "$plan/after" "$plan/now.lasting" "$plan/later.raw" && plain "$plan/later.raw" "$plan/later" || return 1
    [ "$after" != "$base" ] || return 0
    briefly "$base" "$plan/base" && briefly "$after" "$plan/after" || return 1
  else
    [ "$after" != "$base" ] || return 0
    briefly "$after" "$plan/after" || return 1
    # Most often no name has come or gone since the step: nothing that it took was made again.
    ! cmp -s "$plan/after" "$plan/now" || return 0
  fi
  unlike "$plan/base" "$plan/after" "$plan/taken.raw" && plain "$plan/taken.raw" "$plan/taken"
}
