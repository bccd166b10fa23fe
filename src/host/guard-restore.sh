# Putting back. Every change is made by a bare name in a folder that was entered without a link on
# the way: link(2) makes what must not replace anything, rename(2) what must. See `enter`.

# Tells what did not end well, and which folders were made: their own mode and times come last.
told() { frame "$1" "$number" "$folder" "$2" "${3-}"; }

is_folder() { [ -d "$1" ] && [ ! -L "$1" ]; }
is_here() { [ -e "./$1" ] || [ -L "./$1" ]; }

# $2 is a file, folder or link on the spool: gives ./$1 its owner and mode, and its times.
dress() {
  if [ -n "$tar_flags" ]; then
    chown -h --reference="$2" -- "./$1" 2>/dev/null
    [ -L "./$1" ] || chmod --reference="$2" -- "./$1"
  else
    chown -h "$(stat -c %u:%g -- "$2")" "./$1" 2>/dev/null
    [ -L "./$1" ] || chmod "$(stat -c %a -- "$2")" "./$1"
  fi
  # touch(1) of BusyBox takes times from behind a link.
  { [ -L "./$1" ] && [ -z "$tar_flags" ]; } || touch -h -c -r "$2" -- "./$1"
}

# Makes the folder ./$1, closed to all others until `complete_folder` opens it.
make_folder() {
  trouble=$(mkdir -m 700 -- "./$1" 2>&1) || return 1
  told MADE "$1"
}

# Goes into a folder of the tree, making the folders on the way that are missing.
enter_or_make() {
  enter_folder "$1" && return 0
  enter "$top" || make_above || return 1
  asked=$folder
  folder=.
  make_way "${asked#.}"
  status=$?
  folder=$asked
  return "$status"
}

make_way() {
  place=$top
  rest=${1#/}
  while [ -n "$rest" ]; do
    step=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    is_here "$step" || make_folder "$step" || return 1
    place=${place%/}/$step
    enter "$place" || return 1
    folder=$folder/$step
  done
}

# The folders above the protected path, as the snapshot noted them, if they are gone.
make_above() {
  cd / || return 1
  place=
  rest=${top#/}
  [ -f "$complete/$number.above" ] || return 1
  while read -r mode user group && [ -n "$rest" ]; do
    step=${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    if ! is_here "$step"; then
      mkdir -m 700 -- "./$step" || return 1
      chown "$user:$group" "./$step" 2>/dev/null
      chmod "$mode" "./$step" || return 1
    fi
    place=$place/$step
    enter "$place" || return 1
  done <"$complete/$number.above"
  [ "$place" = "$top" ]
}

# Every request names one folder of one tree first; the verbs then take names in it.
within() { # key number folder
  number=$2
  take_up "$1" "$2"
  folder=$3
  blocked=no
  trouble=
}

# False, and told for each name, when the folder can't be entered.
at_place() { # enter_folder | enter_or_make, names…
  how=$1
  shift
  [ "$blocked" = no ] && "$how" "$folder" && return 0
  blocked=yes
  reason=${trouble:-"its folder is not there, or a link or a file stands in the way"}
  for it do told FAILED "$it" "$reason"; done
  return 1
}

create() {
  at_place enter_or_make "$@" || return 0
  # Files first, all with one ln(1): most often nothing is in the way.
  for it do
    shift
    if is_folder "$like/$folder/$it"; then create_folder "$it"; else set -- "$@" "$from/$folder/$it"; fi
  done
  [ $# -gt 0 ] || return 0
  ln -- "$@" . 2>/dev/null && return 0
  for it do create_one "${it##*/}"; done
}

create_folder() {
  if make_folder "$1"; then return; fi
  if ! is_folder "./$1"; then
    if is_here "$1"; then told CONFLICT "$1"; else told FAILED "$1" "$trouble"; fi
    return
  fi
  # Ours from an attempt that was cut off: still closed, and still to be completed.
  case $(stat -c '%a %u' -- "./$1") in
    "700 $(id -u)") told MADE "$1" ;;
    "$(stat -c '%a %u' -- "$like/$folder/$1")") ;;
    *) told CONFLICT "$1" ;;
  esac
}

create_one() {
  staged=$from/$folder/$1
  if ! { [ -e "$staged" ] || [ -L "$staged" ]; }; then
    if is_here "$1"; then told CONFLICT "$1"; else told FAILED "$1" "the snapshot does not hold it"; fi
    return
  fi
  # By the name of the folder: a target that is a folder, or a link to one, would be gone into.
  trouble=$(ln -- "$staged" . 2>&1) && return
  if same_here "$1" "$staged"; then return; fi
  if is_here "$1"; then told CONFLICT "$1"; else told FAILED "$1" "$trouble"; fi
}

replace() {
  at_place enter_or_make "$@" || return 0
  for it do replace_one "$it"; done
}

replace_one() {
  staged=$from/$folder/$1
  if is_folder "$like/$folder/$1"; then
    if is_folder "./$1"; then told MADE "$1"; return; fi
    rm -f -- "./$1"
    make_folder "$1" || told FAILED "$1" "$trouble"
    return
  fi
  if ! { [ -e "$staged" ] || [ -L "$staged" ]; }; then
    told FAILED "$1" "the snapshot does not hold it"
    return
  fi
  if is_folder "./$1" && ! rmdir -- "./$1" 2>/dev/null; then
    told CONFLICT "$1"
    return
  fi
  hold=$from/.hold
  mkdir -p -- "$hold"
  trouble=$(ln -- "$staged" "$hold/" 2>&1 && mv -f -- "$hold/$1" . 2>&1) || told FAILED "$1" "$trouble"
  rm -f -- "$hold/$1"
}

metadata() {
  at_place enter_folder "$@" || return 0
  for it do metadata_one "$it"; done
}

metadata_one() {
  model=$like/$folder/$1
  if ! { [ -e "$model" ] || [ -L "$model" ]; }; then
    told FAILED "$1" "the snapshot does not hold it"
  elif ! is_here "$1"; then
    told FAILED "$1" "it is not there"
  elif is_folder "./$1"; then
    if ! (enter "${place%/}/$1" && dress . "$model") 2>/dev/null; then
      told FAILED "$1" "its mode, owner or times can't be set"
    fi
  else
    # By a second name that nobody else can swap for a link to somewhere else.
    hold=$from/.hold
    mkdir -p -- "$hold"
    rm -f -- "$hold/$1"
    trouble=$(ln -- "./$1" "$hold/" 2>&1 && cd "$hold" && dress "$1" "$model" 2>&1) ||
      told FAILED "$1" "${trouble:-"its mode, owner or times can't be set"}"
    rm -f -- "$hold/$1"
  fi
}

remove() {
  # Where the folder is gone, so is what was in it.
  enter_folder "$folder" || {
    [ ! -e "$place" ] && [ ! -L "$place" ] && return 0
    at_place enter_folder "$@" || return 0
  }
  for it do
    if is_folder "./$it"; then
      rmdir -- "./$it" 2>/dev/null || told CONFLICT "$it"
    else
      trouble=$(rm -f -- "./$it" 2>&1) || told FAILED "$it" "$trouble"
    fi
  done
}

# A folder that was made is given everything that the snapshot holds of it, its times last of all.
complete_folder() {
  for it do
    enter_folder "$folder/$it" || { told FAILED "$it" "it could not be entered again"; continue; }
    if [ -n "$tar_flags" ]; then
      tar -C "$like/$folder/$it" $tar_flags --no-recursion -cf - . 2>/dev/null |
        tar $tar_flags -xpf - 2>/dev/null || told FAILED "$it" "its mode, owner or times can't be set"
    else
      dress . "$like/$folder/$it" || told FAILED "$it" "its mode, owner or times can't be set"
    fi
  done
}

# A folder that was there all the time: only the time that our own work in it has changed.
retime_folder() {
  for it do
    is_folder "$like/$folder/$it" || continue
    (enter_folder "$folder/$it" && touch -c -r "$like/$folder/$it" .) 2>/dev/null
  done
}

# The list of what a snapshot covers: number, absent | listed | kept, path.
roots() { # key epoch
  fence "$2"
  need_snapshot "$1"
  key=$1 number=0
  while recall "$key" "$number"; do
    frame ROOT "$number" "$is" "$path"
    number=$((number + 1))
  done
}
