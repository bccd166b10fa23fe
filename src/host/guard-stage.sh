# Where content is unpacked before it is put in its place: a folder that nobody else can reach, on the
# mount of the tree, because link(2) and rename(2) work within one mount only.

# awk: of /proc/mounts, the mount that the path in the environment as `at` lies on: `best`, its `type`
# and `options`.
awk_mount='
  { at = $2; gsub(/\\040/, " ", at); gsub(/\\011/, "\t", at); gsub(/\\134/, "\\", at); sub(/\/$/, "", at) }
  index(ENVIRON["at"] "/", at "/") == 1 && length(at) >= length(best) { best = at; type = $3; options = $4 }'

# The mount that $1 lies on.
mount_of() {
  at=$1 awk "$awk_mount"'
    END { print best "/" }' /proc/mounts 2>/dev/null || df -P -- "$1" | tail -n 1
}

# The folder that the tree at `path` is in, as far as it is there: `goal`.
find_goal() {
  goal=$top
  [ -L "$path" ] || [ ! -d "$path" ] || goal=$path
  while [ -n "$goal" ] && { [ ! -d "$goal" ] || [ -L "$goal" ]; }; do goal=${goal%/*}; done
  [ -n "$goal" ] || goal=/
}

# Makes the stage for tree number $1: `from`, for what is unpacked; `stage`, that and what else is at
# work there. `near` says whether it is not in the spool. False with `trouble`.
make_stage() {
  find_goal
  near=no pinned=no inside=no
  stage=$work/stage.$1
  if [ "$(mount_of "$work")" != "$(mount_of "$goal")" ]; then
    near=yes
    find_safe_folder
    [ -n "$safe" ] || [ "$(mount_of "$top")" != "$mount" ] || goal=$top
    if [ "${safe:-$goal}" = "$path" ]; then
      inside=yes
      : >"$work/time.stage" && touch -r "$path" "$work/time.stage"
    fi
    stage=${safe:-$goal}
    stage=${stage%/}/.handrail.$nonce.$1
    printf '%s' "$stage" >"$work/elsewhere.$1" || { trouble=disk-full; return 1; }
  fi
  if [ "$near" = no ] || [ -n "$safe" ]; then
    rm -rf -- "$stage"
    trouble=$(mkdir -m 700 -- "$stage" 2>&1) || return 1
  else
    pin_stage || { trouble="no folder on its file system is ours alone"; return 1; }
  fi
  from=$stage/in
  trouble=$(mkdir -- "$from" 2>&1)
}

# The deepest folder on the mount of `goal` that nobody else can rename or replace, above the tree if
# there is one: `safe`, empty when there is none.
find_safe_folder() {
  safe=
  mount=$(mount_of "$goal")
  set -- /
  rest=${goal#/}
  walked=
  while [ -n "$rest" ]; do
    walked=$walked/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    set -- "$@" "$walked"
  done
  stat -c '%u %a' -- "$@" >"$work/owners" 2>/dev/null || return 0
  me=$(id -u)
  while read -r owner mode && [ $# -gt 0 ]; do
    [ "$owner" = 0 ] || [ "$owner" = "$me" ] || return 0
    case $mode in
      # Sticky: in it, others can only rename what is their own.
      1??? | 3??? | 5??? | 7???) ;;
      *[2367]? | *[2367]) return 0 ;;
    esac
    case ${1%/}/ in
      "$mount"*) if [ -w "$1" ] && { [ "$1" != "$path" ] || [ -z "$safe" ]; }; then safe=$1; fi ;;
    esac
    shift
  done <"$work/owners"
}

# In a folder of someone else's, the stage itself is held open: what is done in it goes by way of that,
# wherever others may move it.
pin_stage() {
  (enter "$goal" && mkdir -m 700 -- "./${stage##*/}") 2>/dev/null || return 1
  enter "$stage" && [ -O . ] || return 1
  case $(ls -ldn .) in drwx------*) ;; *) return 1 ;; esac
  [ -z "$(ls -A .)" ] || return 1
  exec 9<.
  cd /
  [ -d /proc/self/fd/9/. ] || return 1
  pinned=yes
  place_of_stage=$stage
  stage=/proc/self/fd/9
}

clear_stage() {
  cd /
  [ -n "${stage-}" ] || return 0
  # Closed folders of a plain user's own can't be emptied.
  [ "$(id -u)" = 0 ] || chmod -R u+rwx "$stage" 2>/dev/null
  if [ "$pinned" = yes ]; then
    (cd /proc/self/fd/9/. && rm -rf -- ./in ./hold* ./aside*)
    exec 9<&-
    (cd -P -- "${place_of_stage%/*}" 2>/dev/null && rmdir -- "./${place_of_stage##*/}" 2>/dev/null)
  else
    rm -rf -- "$stage"
  fi
  stage=
}
