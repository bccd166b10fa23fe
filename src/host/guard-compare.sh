# Comparing the trees of a snapshot with what is there now. Reads the trees only; lists are made in
# the spool.

# The folder of the complete snapshot $1, as `complete`, with every tree that it is of.
need_snapshot() {
  complete=$home/snapshots/$1
  [ -f "$complete/result" ] || refuse snapshot-missing "$1"
  number=0
  while [ -f "$complete/$number.path" ]; do number=$((number + 1)); done
  need_all_trees "$1"
}

# The request has come to `number` trees of the snapshot $1, and that is all of them: what was not looked
# at must not pass for what did not change.
need_all_trees() {
  trees=0
  for each_tree in "$complete"/*.is; do [ ! -f "$each_tree" ] || trees=$((trees + 1)); done
  [ "$number" -eq "$trees" ] || refuse snapshot-partial "$1" "$number" "$trees"
}

# A working folder of this guard's own, empty.
need_work() {
  work=$home/work.$nonce
  [ ! -e "$work" ] || forget_work "$work"
  sweep_dead "$home"/work.*
  own_work "$work"
}

# What is there now in place of the protected path: the manifest $1.
look_again() {
  walk "$top" "$name" "$1"
  case $? in
    0) ;;
    # Not there, or only by way of a link that was not there before: nothing of the tree is.
    1) : >"$1" ;;
    *) refuse unreadable-tree "$path" "$(id -un)" "$(cat -- "$1.trouble" 2>&1 | tail -c 4096)" ;;
  esac
}

# key epoch, lines at most for each path, moment: after-step (what is there now is what the step left)
# or quiet (no step was at work since the last look)
compare() {
  key=$1
  fence "$2"
  need_snapshot "$key"
  need_work
  number=0
  while recall "$key" "$number"; do
    compare_tree "$3" "$4"
    number=$((number + 1))
  done
  need_all_trees "$key"
  forget_work "$work"
  frame COMPARED
}

compare_tree() { # lines at most, moment
  now=$work/$number.now
  look_again "$now"
  count_now=$(wc -l <"$now") || refuse disk-full "$spool"
  know_tree "$path" "$key"
  frame TREE "$number" "$is" "$path" "$((count_now))" "$((watched * 10))"
  if cmp -s "$base" "$now"; then alike=yes; : >"$work/differences"; else
    alike=no
    differences "$base" "$now" "$work/differences" || refuse disk-full "$spool"
  fi
  list_unseen
  if [ -s "$work/differences" ]; then
    find_churn "$key" "$work/differences" "$work/churn"
    tell_differences "$1"
    [ "$2" != after-step ] || note_harm "$work/differences" "$work/churn"
  fi
  if [ "$2" = after-step ]; then keep_after "$now"; else saw_quiet "$path" "$now"; fi
  rm -f -- "$now"
}

tell_differences() { # lines at most
  paths=$(cut -d ' ' -f 10- "$work/differences" | uniq | wc -l)
  head -n "$1" "$work/differences" >"$work/shown" || refuse disk-full "$spool"
  shown=$(wc -l <"$work/shown")
  frame PATHS "$((paths))" "$((shown))"
  frame_file LINES "$work/shown" "$(size_of "$work/shown")"
  if [ -s "$work/churn" ]; then
    awk -v shown="$((shown))" '$1 <= shown' "$work/churn" >"$work/churn.shown"
    frame_file CHURN "$work/churn.shown" "$(size_of "$work/churn.shown")"
  fi
  if [ "$is" = kept ]; then
    compare_content
    [ ! -s "$work/marks" ] || frame_file SAME "$work/marks" "$(size_of "$work/marks")"
  fi
}

# How the tree was right after its step, for whoever has to tell what the step did from what came
# later. Asked again with nothing of ours at work in between, the first answer stands.
keep_after() { # manifest
  after=$home/after/$key/$number
  [ -d "$home/after/$key" ] || need_folder "$home/after/$key"
  count_stirs || stirs=busy
  kept_stirs=
  { read -r kept_stirs; } 2>/dev/null <"$after.stirs"
  saw_step "$path" "$1"
  [ "$kept_stirs" != "$stirs" ] || [ "$stirs" = busy ] || return 0
  rm -f -- "$after.same" "$after.stirs"
  if [ "$alike" = yes ]; then
    : >"$after.same" && rm -f -- "$after.manifest"
  else
    durable "$1" && mv -f -- "$1" "$after.manifest"
  fi && echo "$stirs" >"$after.stirs" || refuse disk-full "$spool"
}

# Entries of which a stat can't tell whether they are as in the snapshot: they were changed in the
# very moment in which it was taken. Where they look the same, they are listed as if they did not.
list_unseen() {
  [ -s "$complete/$number.racy" ] || return 0
  grep -a -x -F -f "$complete/$number.racy" "$now" >"$work/unseen" || return 0
  # Both lines of each, so that its content is compared.
  sed 's/^/-/' "$work/unseen" >"$work/unseen.both" && sed 's/^/+/' "$work/unseen" >>"$work/unseen.both" &&
    cat -- "$work/differences" >>"$work/unseen.both" && sort -k 10 "$work/unseen.both" >"$work/differences" ||
    refuse disk-full "$spool"
}

# Compares byte for byte what may have changed without a change of size: files and links that are
# there in both. `marks` gets a line each: the number of its first line, then "=" same or "!" not the
# same. What could not be compared, also for want of room, is not in it.
compare_content() {
  : >"$work/marks"
  plain "$work/shown" "$work/shown.plain"
  awk "$awk_manifest $awk_doubtful" "$work/shown.plain" >"$work/doubtful" || refuse disk-full "$spool"
  [ -s "$work/doubtful" ] || return 0
  doubt() { printf '%s/%s\0' "$2" "$3"; }
  . "$work/doubtful" >"$work/doubtful.list"
  from=$work/stage
  rm -rf -- "$from"
  mkdir -- "$from" || refuse disk-full "$spool"
  unpacked=$from
  unpack "$key" "$number" "$work/doubtful.list" "$from" || return 0
  # In a subshell: it goes from folder to folder.
  (
    stood=
    doubt() {
      if [ "$2" != "$stood" ]; then
        stood=$2 entered=no
        if enter_folder "$2"; then entered=yes; fi
      fi
      [ "$entered" = yes ] && { [ -e "./$3" ] || [ -L "./$3" ]; } || return 0
      [ -e "$unpacked/$2/$3" ] || [ -L "$unpacked/$2/$3" ] || return 0
      if same_here "$3" "$unpacked/$2/$3"; then echo "$1="; else echo "$1!"; fi
    }
    . "$work/doubtful"
  ) >"$work/marks"
  # Closed folders of a plain user's own can't be emptied.
  [ "$(id -u)" = 0 ] || chmod -R u+rwx "$unpacked" 2>/dev/null
  rm -rf -- "$unpacked"
}

# Shell text: a line "doubt LINE FOLDER NAME" for each.
awk_doubtful='
function quoted(word,  count, i, out) {
  count = split(word, piece, "\047")
  out = "\047" piece[1]
  for (i = 2; i <= count; i++) out = out "\047\134\047\047" piece[i]
  return out "\047"
}
function pair(  cut) {
  # Before and after are both files of one size, or both links of one length.
  if (kind !~ /^[fl]$/ || kind " " size != substr($1, 2) " " $6) return
  gsub(/\/\/n/, "\n", path)
  cut = length(path)
  while (substr(path, cut, 1) != "/") cut--
  print "doubt", first, quoted(substr(path, 1, cut - 1)), quoted(substr(path, cut + 1))
}
function come() { }
function gone() { }
{ take(); if (first == NR) size = $6 }
'

# Is what stands here under the name $1 what the snapshot holds as $2?
same_here() {
  if [ -L "./$1" ] || [ -L "$2" ]; then
    [ -L "./$1" ] && [ -L "$2" ] && [ "$(readlink "./$1")" = "$(readlink "$2")" ]
  elif [ -f "./$1" ] && [ -f "$2" ]; then
    same_content "./$1" "$2"
  else
    { [ -p "./$1" ] && [ -p "$2" ]; } || { [ -b "./$1" ] && [ -b "$2" ]; } ||
      { [ -c "./$1" ] && [ -c "$2" ]; }
  fi
}

# A folder as manifests name it: "." is the one that holds the protected path.
enter_folder() {
  place=$top
  case $1 in . | ./) ;; *) place=${top%/}/${1#./} ;; esac
  enter "$place"
}
