# Putting back. Every change is made by a bare name in a folder that was entered without a link on the
# way: link(2) makes what must not replace anything, rename(2) what must. No inode that stands in a tree
# is ever given another owner, mode or time, but folders that were entered: a name may have become a
# second one of a file elsewhere.

# Paths told of each kind, for each tree; the rest is counted.
told_max=1000

# Bytes of names, and of the folders they are in, that one process is given.
word_room=24000

# Hundredths of a second that a restore waits for another one of the same rollout.
restoring_max=12000

# A tree that someone changes while it is put back is looked at so many times.
passes_max=3

not_held="the snapshot does not hold it"

restore() { # key epoch later length, and as payload the rules
  owed=$4
  fence "$2"
  need_snapshot "$1"
  rules=$home/rules.$nonce
  receive "$rules" "$4" || { reason=$(true_reason disk-full); rm -f -- "$rules"; refuse_for "$reason" "$spool"; }
  hear_beats
  put_back "$1" "$rules" "$3"
  rm -f -- "$rules"
}

# Puts all trees of the snapshot $1 back as far as the rules in the file $2 say ("how path", a newline
# in a path as a zero byte; how: leave, deleted, changed, exactly). What was changed after the step had
# ended: $3, keep or replace. Frames tell what was done; it does not refuse once it has begun.
put_back() {
  need_work
  note_stir
  plain "$2" "$work/rules"
  key=$1 later=$3
  restored=0 conflicts=0 failures=0 asides=0
  number=0
  wait_for_others
  # Room or not: an empty file takes a name only. Without it nobody can wait for us, and that is all.
  ! true 2>/dev/null >"$home/restoring.$nonce" || exec 8>"$home/restoring.$nonce"
  while recall "$1" "$number"; do
    put_tree_back "$1" "$number"
    number=$((number + 1))
  done
  cd /
  exec 8<&-
  rm -f -- "$home/restoring.$nonce"
  frame RESTORED "$restored"
  tell CONFLICT "$conflicts" conflicts
  tell ASIDE "$asides" asides
  tell FAILED "$failures" failures
  forget_work "$work"
}

# One restore of a rollout at a time: what a guard whose channel was lost is putting back would look like
# somebody else's change to the next one. Each has a note of its own open while it is at it, and so has,
# because it inherited that, the last tool of a guard that was killed. After the wait it goes on all the
# same: a tree that was put back twice, and told as changed, is better than one that was not.
wait_for_others() {
  tell_time
  restoring_since=$clock told_alive=$clock
  for other in "$home"/restoring.*; do
    [ -f "$other" ] || continue
    while is_held "${other##*/}" && [ $((clock - restoring_since)) -lt "$restoring_max" ]; do
      if [ $((clock - told_alive)) -ge 100 ]; then
        frame ALIVE
        told_alive=$clock
      fi
      sleep "$nap"
      tell_time
    done
    rm -f -- "$other"
  done
}

# Has any process this note open? Its name is like no other.
is_held() { # name
  ls -l /proc/[0-9]*/fd 2>/dev/null | grep -qF "/$1"
}

# One frame: how many there are, then the first of them.
tell() {
  { printf '%s\0' "$2" && cat -- "$work/$3" 2>/dev/null; } >"$work/$3.told" 2>/dev/null
  if [ -s "$work/$3.told" ]; then frame_file "$1" "$work/$3.told" "$(size_of "$work/$3.told")"; else frame "$1" "$2"; fi
}

put_tree_back() { # key number
  plan=$work/plan
  pass=0 again=yes
  while [ "$again" = yes ] && [ "$pass" -lt "$passes_max" ]; do
    pass=$((pass + 1)) again=no inside=no
    tree_conflicts=0 tree_failures=0
    : >"$work/tree.conflicts"
    : >"$work/tree.failures"
    if ! plan_tree "$1" "$2" "$work/rules"; then
      fail "./$name" "$trouble"
      break
    fi
    [ "$todo" = yes ] || break
    if [ ! -s "$plan/list" ] && [ ! -s "$plan/odd" ] || prepare "$1" "$2"; then
      carry_out "$1"
    else
      fail "./$name" "$(words_for "$trouble")"
      rm -f -- "$plan/last"
    fi
    clear_stage
    # What only our stage has moved is as it was.
    [ "$inside" = no ] || [ -f "$plan/last" ] || echo "at ./$name; retime stage" >"$plan/last"
    [ ! -f "$plan/last" ] || . "$plan/last"
    cd /
  done
  conflicts=$((conflicts + tree_conflicts))
  failures=$((failures + tree_failures))
  cat -- "$work/tree.conflicts" >>"$work/conflicts"
  cat -- "$work/tree.failures" >>"$work/failures"
}

# Unpacks what the plan asks for.
prepare() { # key number
  make_stage "$2" || return 1
  if [ -f "$plan/all" ]; then
    what=-
  else
    what=$work/wanted
    { [ ! -f "$plan/list" ] || tr '\n' '\000' <"$plan/list"; } >"$what" || { trouble=disk-full; return 1; }
    [ ! -f "$plan/odd" ] || . "$plan/odd"
  fi
  unpack_into=$from
  unpack "$1" "$2" "$what" "$from" || return 1
  from=$unpack_into
  [ ! -f "$plan/within" ] || check_stage
}

# Folders are put in their place whole: what the snapshot lacks of them is told, and what nobody asked
# for goes.
check_stage() {
  look_briefly "$from" "$name" "$plan/staged" && plain "$plan/staged" "$plan/staged.plain" &&
    cut -d ' ' -f 2- "$plan/staged.plain" >"$plan/staged.names" &&
    awk "$check_text" to="$plan" part=within "$plan/within" part=staged "$plan/staged.names" >"$plan/lacks" ||
    { trouble=disk-full; return 1; }
  [ ! -s "$plan/lacks" ] || . "$plan/lacks"
}

lacking() { fail "$1" "$not_held"; restored=$((restored - 1)); }
unasked() { rm -rf -- "$from/$1"; }

words_for() { if [ "$1" = disk-full ]; then echo "no space is left to unpack it, so nothing of it was changed"; else printf '%s\n' "$1"; fi; }

odd() { printf '%s\0' "$1" >>"$what"; }

carry_out() { # key
  enter "$top" || make_above "$1" || again=yes
  for phase in models remove clear adopt make finish told; do
    [ ! -f "$plan/$phase" ] || . "$plan/$phase"
  done
  cd /
}

# The folders above the protected path, as the snapshot noted them, if they are gone.
make_above() { # key
  [ -f "$home/snapshots/$1/$number.above" ] && cd / || return 1
  place=
  rest=${top#/}
  while read -r mode user group && [ -n "$rest" ]; do
    place=$place/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    if [ ! -e "./${place##*/}" ] && [ ! -L "./${place##*/}" ]; then
      mkdir -m 700 -- "./${place##*/}" && enter "$place" || return 1
      chown "$user:$group" . 2>/dev/null
      chmod "$mode" . || return 1
    fi
    enter "$place" || return 1
  done <"$home/snapshots/$1/$number.above"
  [ "$place" = "$top" ]
}

# What a plan says begins here: the folder $1 as manifests name it; `s` is where its names are staged.
at() {
  folder=$1
  s=${from-}/$1/
  blocked=no
  case $1 in .) place=$top ;; *) place=${top%/}/${1#./} ;; esac
  enter "$place" || { blocked=yes again=yes; }
}

is_there() { [ -e "$1" ] || [ -L "$1" ]; }
is_folder() { [ -d "$1" ] && [ ! -L "$1" ]; }

# $1 as manifests name it, as the path that people know: `whole`.
whole_path() { case $1 in ./*) whole=${top%/}/${1#./} ;; *) whole=$top/$1 ;; esac; }

conflict() {
  tree_conflicts=$((tree_conflicts + 1))
  [ "$tree_conflicts" -le "$told_max" ] || return 0
  whole_path "$1"
  printf '%s\0' "$whole" >>"$work/tree.conflicts"
}

fail() { # name why
  tree_failures=$((tree_failures + 1))
  [ "$tree_failures" -le "$told_max" ] || return 0
  whole_path "$1"
  printf '%s\0' "$whole" "$2" >>"$work/tree.failures"
}

# Of another owner than us, who are not root.
foreign() {
  at "${1%/*}"
  [ "$blocked" = yes ] || ! is_there "./${1##*/}" || fail "$1" "it is back, but only root can give it to its owner"
}

more_conflicts() { tree_conflicts=$((tree_conflicts + $1)); }
more_failures() { tree_failures=$((tree_failures + $1)); }

# False, and told for each name, when the folder could not be entered.
entered() {
  [ "$blocked" = yes ] || return 0
  for it do fail "$folder/${it##*/}" "its folder is not there, or a link or a file stands in the way"; done
  return 1
}
