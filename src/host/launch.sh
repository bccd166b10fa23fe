# The last thing before the command: notes the process group, for whoever has to end it, and becomes
# the command. Arguments: the attempt's folder, the command. Standard input: see supervise.sh.
mine=$1
shift
environment=$(cat)
exec </dev/null
{ read -r stat </proc/$$/stat; } 2>/dev/null || stat='0) '
start=$(set -- ${stat##*) }; echo "${20-0}")
echo "$$ $start" >"$mine/group" || exit 125
HANDRAIL_FILES=$mine/files
export HANDRAIL_FILES
unset stat start mine
eval "unset environment; $environment"
exec "$@"
