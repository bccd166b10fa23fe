# Reading by paths without being led away. tar(1) with a list, cp(1), lsattr(1) and the find(1) of BusyBox
# open what they read by its path, and whoever may write to a folder on the way can put a link in its
# place between two calls: then root reads somewhere else. Looking afterwards at what was read is too late,
# for it was opened. So where the host allows it, such a tool sees the tree through a mount that follows no
# link at all (Linux 5.10; see nosymfollow in mount(8)), in a mount namespace that ends with it. A plain
# user is led nowhere where that user could not read by itself.

# Runs a command in the folder $1, if no link is on the way to it, and if it can be so that no link below
# it is followed. $2: the name in it of what is read, which may be a mount of its own. Nothing that is
# mounted further below is seen.
unled() (
  enter_or_say "$1" || exit 1
  shift
  unled_here "$@"
)

enter_or_say() { enter "$1" || { echo "$1 is not there any more, or a link is on the way to it" >&2; return 1; }; }

# The same in the folder where we stand. Never comes back.
unled_here() { # name, command
  try_prevention
  view=${work-}/view
  if [ -z "$prevention" ] && [ -n "${work-}" ] &&
    { [ -d "$view" ] || { mkdir -- "$view" && ln -s . "$view/link"; } 2>/dev/null; }; then
    exec unshare -m sh -c "$through_view" sh "$view" "$@"
  fi
  shift
  exec "$@"
}

# sh: $view is a folder of ours with a link in it, which shows whether links are followed. Where the kernel
# or mount(8) can't do otherwise, the command runs all the same, and what it was led to is found afterwards.
through_view='view=$1 name=$2
shift 2
bind() {
  # What mount(8) makes of "." by itself is a path again, unless it is told not to; that of BusyBox never does.
  { mount -c -o bind -- "$1" "$2" || mount -o bind -- "$1" "$2"; } 2>/dev/null &&
    mount -o remount,bind,nosymfollow -- "$2" 2>/dev/null
}
other() { echo "$1 was swapped for something else while it was read" >&2; exit 1; }
if bind "$view" "$view" && [ ! -e "$view/link/." ] && bind . "$view"; then
  [ . -ef "$view" ] || other "$PWD"
  if [ -n "$name" ] && [ -d "./$name" ] && [ ! -L "./$name" ] && ! [ "./$name" -ef "$view/$name" ]; then
    # A mount of its own.
    above=$(env pwd -P && printf .)
    above=${above%??}
    cd -P -- "./$name" && here=$(env pwd -P && printf .) && [ "${here%??}" = "${above%/}/$name" ] &&
      bind . "$view/$name" && [ . -ef "$view/$name" ] || other "./$name"
  fi
  cd -- "$view" || exit 1
fi
exec "$@"'

# Has the file $1, in the folder where we stand, the content of $2? It may be a link or a fifo by now: dd(1)
# of GNU opens it without following and without waiting. Another one is given its time at most.
same_content() {
  if [ -z "${opener+tried}" ]; then
    opener=cmp patience=
    ! dd if=/dev/null iflag=nofollow,nonblock 2>/dev/null || opener=dd
    ! { timeout 1 true; } 2>/dev/null || patience='timeout 60'
  fi
  if [ "$opener" = dd ]; then
    dd if="$1" bs=65536 iflag=nofollow,nonblock 2>/dev/null | cmp -s - "$2" && [ -f "$1" ] && [ ! -L "$1" ]
  else
    $patience cmp -s "$1" "$2"
  fi
}
