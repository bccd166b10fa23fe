# The first process of a step's own namespaces: makes the copy its root, and the step can't get out of
# it: there is no way back to the old root, and no right to mount. Arguments: the root, how a plain
# user keeps its name, what traces, then the command. Standard input: what sets its environment. fd 7
# and 8: the step's output; fd 9: told when the step begins.
set -eu
root=$1 own_name=$2 tracer=$3
shift 3
environment=$(cat)
exec </dev/null
cd "$root"
mount -n -t proc -o nosuid,nodev,noexec handrail proc
for each in sys sysrq-trigger irq bus fs acpi scsi; do
  [ ! -e "proc/$each" ] || { mount -n --bind "proc/$each" "proc/$each" && mount -n -o remount,bind,ro,nosuid,nodev,noexec "proc/$each"; }
done
for each in kcore keys timer_list kmsg; do
  [ ! -e "proc/$each" ] || mount -n --bind dev/null "proc/$each"
done
pivot_root . dev/old
cd /
umount -n -l /dev/old
rmdir /dev/old
if [ -n "$own_name" ]; then
  drop="unshare --user $own_name --"
else
  # What stays is what scripts of an operator need for files and processes of the copy. Without
  # dac_read_search no file can be opened by a handle, past every root.
  drop='setpriv --bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+setfcap,+net_bind_service,+sys_chroot,+ipc_lock,+ipc_owner,+sys_nice,+sys_resource,+audit_write --inh-caps=-all --'
fi
$drop true
echo begun >&9
set +e
printf '%s' "$environment" | setsid $drop $tracer sh -c '
environment=$(cat)
exec </dev/null
HANDRAIL_FILES=/dev/handrail/files
export HANDRAIL_FILES
eval "unset environment; $environment"
exec "$@"' handrail "$@" >&7 2>&8 7>&- 8>&- 9>&- &
exec 7>&- 8>&- 9>&-
environment=
wait $!
