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

# Binds each path to itself with all that is mounted below, then makes the top of it read-only; and does
# the same wherever another mount shows the same. What is not there can't be changed; what a link leads to
# is not what the plan protects.
close_paths() {
  for it do
    [ -e "$it" ] && [ ! -L "$it" ] || continue
    close "$it" && close_elsewhere "$it" || return 1
  done
}

close() { trouble=$(mount --rbind "$1" "$1" 2>&1 && mount -o remount,bind,ro "$1" 2>&1); }

close_elsewhere() {
  shown=$(closed=$1 awk "$awk_elsewhere" /proc/self/mountinfo 2>/dev/null) ||
    { trouble="this host does not tell what else shows $1"; return 1; }
  while IFS= read -r place && IFS= read -r part; do
    plain "$place"
    place=$plain
    plain "$part"
    # Something else may be mounted over it, and then nobody gets to it there.
    ! [ "$place" -ef "$plain" ] || close "$place" || return 1
  done <<END
$shown
END
}

# The path that the kernel writes as $1, with blank, tab, newline and backslash as \ooo.
plain() {
  plain=$1
  case $1 in
    *\\*) plain=$(printf '%b.' "$(printf '%s' "$1" | sed 's/\\/\\0/g')") && plain=${plain%.} ;;
  esac
}

# awk: of proc_pid_mountinfo(5), which other mounts show the folder or file that is mounted at `closed`, or a
# part of it: the same file system with a root that is above, the same, or below. Two lines each: where it is
# shown, and what that is of the path. Fails where nothing is mounted at `closed`.
awk_elsewhere='BEGIN { closed = ENVIRON["closed"]
  gsub(/\\/, "\\134", closed); gsub(/ /, "\\040", closed); gsub(/\t/, "\\011", closed); gsub(/\n/, "\\012", closed) }
{ device[NR] = $3; root[NR] = $4 == "/" ? "" : $4; at[NR] = $5 == "/" ? "" : $5 }
$5 == closed { of = NR }
END {
  if (!of) exit 1
  for (i = 1; i <= NR; i++) {
    if (device[i] != device[of]) continue
    if (index(root[of] "/", root[i] "/") == 1) tell(at[i] substr(root[of], length(root[i]) + 1), closed)
    else if (index(root[i] "/", root[of] "/") == 1) tell(at[i], closed substr(root[i], length(root[of]) + 1))
  }
}
function tell(place, part) {
  if (place == "") place = "/"
  if (place != part && !(place in told)) { told[place]; print place; print part }
}'

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
