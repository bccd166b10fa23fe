# The last thing before the command: notes the process group, for whoever has to end it, closes the
# paths that the command may not change, and becomes the command. Arguments: the attempt's folder,
# the command. Standard input: see supervise.sh. In a mount namespace of its own where there is a list
# of paths to close.
mine=$1
shift
environment=$(cat)
exec </dev/null
{ read -r stat </proc/$$/stat; } 2>/dev/null || stat='0) '
start=$(set -- ${stat##*) }; echo "${20-0}")
printf '%s %s' "$$" "$start" 1<>"$mine/group" || exit 125
# Whoever settles takes this away before looking for the group: either it is seen here that the command
# may not begin any more, or the group is seen there, and ended.
[ -e "$mine/may-begin" ] || exit 125

# Binds the path to itself with all that is mounted below, then makes the top of it read-only. What is
# not there can't be changed; what a link leads to is not what the plan protects.
close_paths() {
  for it do
    [ -e "$it" ] && [ ! -L "$it" ] || continue
    trouble=$(mount --rbind "$it" "$it" 2>&1 && mount -o remount,bind,ro "$it" 2>&1) || return 1
  done
}

hold() { printf '%.120s' "$*" 1<>"$mine/hold"; }

if [ -f "$mine/read-only" ]; then
  if (eval "$(cat "$mine/read-only")"; close_paths "$@" || { hold impossible "$(printf '%s' "$trouble" | tr '\n' ' ')"; exit 1; }); then
    hold held "$(readlink /proc/self/ns/mnt)"
  fi
  # Without this, root could take the mounts away again.
  if setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin true 2>/dev/null; then
    set -- setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin -- "$@"
  fi
fi
HANDRAIL_FILES=$mine/files
export HANDRAIL_FILES
unset stat start mine
eval "unset environment; $environment"
exec "$@"
