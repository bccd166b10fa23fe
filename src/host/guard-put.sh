# The deeds of a plan. Each is given names: bare ones in the folder where `at` went, or, where something
# is put there, what was staged for them.

put() {
  entered "$@" || return 0
  # Most often nothing is in the way, and one ln(1) does it.
  if ln -- "$@" . 2>/dev/null; then restored=$((restored + $#)); return; fi
  for it do put_one "$it"; done
}

put_one() {
  bare=${1##*/}
  if ! is_there "$1"; then fail "$folder/$bare" "$not_held"; return; fi
  # By the name of the folder: a target that is a folder, or a link to one, would be gone into.
  if trouble=$(ln -- "$1" . 2>&1) || is_put "$1" || put_without_link "$1"; then
    restored=$((restored + 1))
  elif is_there "./$bare"; then
    conflict "$folder/$bare"
  else
    fail "$folder/$bare" "$trouble"
    again=yes
  fi
}

# Is what stands here what was staged as $1?
is_put() {
  if [ -L "$1" ]; then [ -L "./${1##*/}" ] && [ "$(readlink "$1")" = "$(readlink "./${1##*/}")" ]; else
    [ ! -L "./${1##*/}" ] && [ "./${1##*/}" -ef "$1" ]
  fi
}

# Some file systems know no second names. mv -n asks rename(2) not to replace, where it can.
put_without_link() {
  ! ln -- "$1" "$stage/probe.$$" 2>/dev/null || { rm -f -- "$stage/probe.$$"; return 1; }
  ! is_there "./${1##*/}" && mv -n -- "$1" . 2>/dev/null && ! is_there "$1"
}

# Folders that are gone as a whole, with all that is in them: `many` entries.
fold() {
  entered "$@" || { more_failures $((many - $#)); return 0; }
  mv -n -- "$@" . 2>/dev/null
  for it do ! is_there "$it" || fold_one "$it"; done
  restored=$((restored + many))
}

fold_one() {
  bare=${1##*/}
  if is_folder "./$bare"; then
    again=yes
    fail "$folder/$bare" "someone makes it while it is put back"
  elif is_there "./$bare"; then
    conflict "$folder/$bare"
  else
    # Only root may move a folder that it can't write to.
    mode=$(stat -c %a -- "$1")
    trouble=$(chmod u+w "$1" 2>&1 && mv -n -- "$1" . 2>&1)
    if ! is_there "$1" && (enter "${place%/}/$bare" && chmod "$mode" .); then return; fi
    fail "$folder/$bare" "${trouble:-"it can't be moved into its place"}"
    again=yes
  fi
  left=$(find "$1" -print0 2>/dev/null | tr -dc '\000' | wc -c)
  many=$((many - left))
  more_failures $((left - 1))
}

# In place of what stands there.
swap() {
  entered "$@" || return 0
  for it do
    shift
    if is_there "$it"; then set -- "$@" "$it"; else fail "$folder/${it##*/}" "$not_held"; fi
  done
  [ $# -gt 0 ] || return 0
  trouble=$(mv -f -- "$@" . 2>&1)
  for it do
    if ! is_there "$it"; then
      restored=$((restored + 1))
    elif is_folder "./${it##*/}"; then
      conflict "$folder/${it##*/}"
    else
      fail "$folder/${it##*/}" "$trouble"
      again=yes
    fi
  done
}

# A folder of its own in the stage, for second names: what has one there can't be swapped any more.
new_hold() {
  held=$((${held:-0} + 1))
  hold=$stage/hold.$held
  mkdir -- "$hold" 2>/dev/null
}

# Only times of change or inodes differ: those whose content or attributes do, too, are replaced.
doubt() {
  entered "$@" || return 0
  new_hold
  for it do shift; set -- "$@" "./${it##*/}"; done
  ln -- "$@" "$hold/" 2>/dev/null
  [ -z "$tar_flags" ] || [ "$(digest "$hold" "$@")" != "$(digest "$from/$folder" "$@")" ] || return 0
  for it do
    shift
    it=${it#./}
    if ! is_there "$s$it"; then fail "$folder/$it" "$not_held"; continue; fi
    if is_there "$hold/$it" && is_same "$hold/$it" "$s$it" && {
      [ -z "$tar_flags" ] || [ "$(digest "$hold" "./$it")" = "$(digest "$from/$folder" "./$it")" ]
    }; then continue; fi
    set -- "$@" "$s$it"
  done
  [ $# -eq 0 ] || swap "$@"
}

# One word for all that tar(1) of GNU knows of these names in the folder $1.
digest() {
  (cd "$1" && shift && tar $tar_flags --sparse-version=0.0 --pax-option=exthdr.name=%f,delete=atime,delete=ctime -cf - -- "$@" 2>/dev/null |
    sha256sum)
}

# Are these two, which nobody else can swap, of the same type and content?
is_same() {
  if [ -L "$1" ] || [ -L "$2" ]; then
    [ -L "$1" ] && [ -L "$2" ] && [ "$(readlink "$1")" = "$(readlink "$2")" ]
  elif [ -f "$1" ] && [ -f "$2" ]; then
    cmp -s "$1" "$2"
  else
    { [ -p "$1" ] && [ -p "$2" ]; } || { [ -b "$1" ] && [ -b "$2" ]; } || { [ -c "$1" ] && [ -c "$2" ]; }
  fi
}

# The step took these, and someone made them again: they stay, and are told if they are others.
anew() {
  entered "$@" || return 0
  new_hold
  for it do
    bare=${it##*/}
    is_there "$it" && ln -- "./$bare" "$hold/" 2>/dev/null || continue
    is_same "$hold/$bare" "$it" || conflict "$folder/$bare"
  done
}

# What is staged as $1 becomes one more name of $2, which is still there, if that is still the same.
adopt() {
  at "${2%/*}"
  [ "$blocked" = no ] || return 0
  new_hold
  bare=${2##*/}
  ln -- "./$bare" "$hold/" 2>/dev/null && is_same "$hold/$bare" "$from/$1" && ln -f -- "$hold/$bare" "$from/$1"
}

# Out of the way, and kept.
aside() {
  entered "$@" || return 0
  for it do shift; set -- "$@" "./$it"; done
  into=$home/aside/$key/$nonce.$number.$pass/$folder
  mkdir -p -- "$into" 2>/dev/null
  if [ "${near-no}" = no ]; then
    trouble=$(mv -n -- "$@" "$into/" 2>&1)
  else
    # First where nobody can reach it, then to the other file system.
    new_hold
    # What is still open to somebody may change even there: a copy must not be led away.
    trouble=$(mv -n -- "$@" "$hold/" 2>&1 && cd "$hold" && unled_here '' mv -n -- "$@" "$into/" 2>&1)
  fi
  for it do
    if is_there "$into/${it#./}"; then
      asides=$((asides + 1))
      whole_path "$folder/${it#./}"
      [ "$asides" -gt "$told_max" ] || printf '%s\0' "$whole" >>"$work/asides"
    elif is_there "$it"; then
      fail "$folder/${it#./}" "$trouble"
      again=yes
    fi
  done
}

# Was not there: goes.
gone() {
  entered "$@" || return 0
  drop "$@"
  for it do is_there "./$it" || restored=$((restored + 1)); done
}

drop() {
  entered "$@" || return 0
  for it do shift; set -- "$@" "./$it"; done
  trouble=$(rm -f -- "$@" 2>&1)
  for it do
    is_there "$it" || continue
    fail "$folder/${it#./}" "${trouble:-"it can't be removed"}"
    again=yes
  done
}

# A folder where something else was.
empty() {
  entered "$@" || return 0
  for it do rmdir -- "./$it" 2>/dev/null || aside "$it"; done
}

# A folder that was not there.
emptied() {
  entered "$@" || return 0
  if rmdir -- "./$1" 2>/dev/null; then restored=$((restored + 1)); elif is_folder "./$1"; then conflict "$folder/$1"; fi
}

# A folder that the step made: it goes when nothing is left in it, and else it is somebody's.
hollow() {
  entered "$@" || return 0
  ! rmdir -- "./$1" 2>/dev/null || restored=$((restored + 1))
}

# Mode, owner, lists and attributes of the folder itself; $1 more is restored.
dress() {
  [ "$blocked" = no ] || { fail "$folder" "it can't be entered"; return; }
  like=${s%/}
  if ! is_folder "$like"; then fail "$folder" "$not_held"; return; fi
  if [ -z "$tar_flags" ]; then
    chown "$(stat -c %u:%g -- "$like")" . 2>/dev/null
    chmod "$(stat -c %a -- "$like")" . || { fail "$folder" "its mode can't be set"; return; }
  else
    face=$(face_of "$like")
    # Mostly only its change time is another.
    [ "$1" != 0 ] || [ "$(face_of .)" != "$face" ] || return 0
    give_face
    [ "$(face_of .)" = "$face" ] || { undress; give_face; }
    [ "$(face_of .)" = "$face" ] || { fail "$folder" "its mode, lists or attributes can't be set"; return; }
  fi
  restored=$((restored + 1))
}

give_face() {
  tar -C "$like" $tar_flags --no-recursion -cf - . 2>/dev/null | tar $tar_flags -xpmf - 2>/dev/null
}

# One word for mode, lists and attributes of the folder $1.
face_of() {
  tar -C "$1" $tar_flags --no-recursion --owner=0 --group=0 --mtime=@0 \
    --pax-option=exthdr.name=x,delete=atime,delete=ctime -cf - . 2>/dev/null | sha256sum
}

# tar(1) takes no list and no attribute away.
undress() {
  setfacl -b . 2>/dev/null
  getfattr -m '^user' . 2>/dev/null | while IFS= read -r each; do
    case $each in user.*) setfattr -x "$each" . ;; esac
  done
}

# Something with the time that the folder $1 has to be given at the end.
model() { is_folder "$from/$1" && : >"$work/time.$2" && touch -r "$from/$1" "$work/time.$2"; }

# Our own work in a folder has moved its time.
retime() {
  [ "$blocked" = no ] || return 0
  case $1 in
    @*) touch -c -d "$1" . ;;
    *) [ ! -f "$work/time.$1" ] || touch -c -r "$work/time.$1" . ;;
  esac
}
