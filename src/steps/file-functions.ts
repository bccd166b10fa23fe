/**
 * Shell functions that `copy`, `patch` and `remove` begin with. They work in folders of which
 * somebody else may own a part: no path is followed through a symbolic link, a file appears under
 * its name only when it is whole, and nothing is written through a name that could be swapped.
 * POSIX sh with GNU or BusyBox tools; file descriptor 3 is the file being written.
 */
export const fileFunctions = `LC_ALL=C
export LC_ALL
made=

# refuse SENTENCE: say why on standard error, and end.
refuse() {
  printf '%s\\n' "$1" >&2
  exit 1
}

# A file that is not whole yet goes away, however this program ends.
tidy() {
  if [ -n "$made" ]; then rm -f -- "$made"; fi
}
trap tidy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# enter FOLDER: go there, or end when a symbolic link stands in the way.
enter() {
  case $1 in
    /*) ;;
    *) refuse "\\"$1\\" is not an absolute path" ;;
  esac
  if [ ! -d "$1" ]; then refuse "there is no folder \\"$1\\""; fi
  cd -P -- "$1" || exit 1
  # The dot keeps a newline at the end of the name from being lost.
  if [ "$(pwd -P; echo .)" != "$1
." ]; then
    refuse "\\"$1\\" passes through a symbolic link; name the real path \\"$(pwd -P)\\""
  fi
}

# enter_parent PATH: go to the folder that holds it; base is the last part of its name.
enter_parent() {
  parent=\${1%/*}
  base=\${1##*/}
  enter "\${parent:-/}"
}

# look_at PATH: end when no plain file can be put there.
look_at() {
  if [ -L "$1" ]; then refuse "\\"$1\\" is a symbolic link; a file is not written through it or over it"; fi
  if [ -e "$1" ] && [ ! -f "$1" ]; then refuse "\\"$1\\" is there and is not a plain file"; fi
}

# make_folder PATH OWNER: one folder in a folder that is there; "" keeps the owner that it gets.
make_folder() {
  enter_parent "$1"
  if [ -L "./$base" ]; then refuse "\\"$1\\" is a symbolic link, and a folder is meant"; fi
  if [ -d "./$base" ]; then return 0; fi
  mkdir -m 0755 -- "./$base"
  if [ -n "$2" ]; then chown -h -- "$2" "./$base"; fi
}

# put SOURCE PATH MODE OWNER: the content of SOURCE becomes PATH in one rename. Without an owner a
# file that was there keeps its own, and a new file belongs to whoever runs this.
put() {
  enter_parent "$2"
  look_at "./$base"
  owner=$4
  if [ -z "$owner" ] && [ -e "./$base" ]; then owner=$(stat -c %u:%g -- "./$base"); fi
  temporary=./.handrail-$$
  # Created only if nothing has that name: a link laid there beforehand is not followed.
  set -C
  exec 3>"$temporary"
  set +C
  made=$temporary
  cat <"$1" >&3
  # Through the descriptor, because a name in a folder of somebody else's can be swapped.
  file=/proc/self/fd/3
  if [ ! -e "$file" ]; then file=$temporary; fi
  # Owner before mode: a change of owner takes setuid and setgid away.
  if [ -n "$owner" ] && [ "$(stat -L -c %u:%g -- "$file" 3>&3)" != "$owner" ]; then
    chown -- "$owner" "$file" 3>&3
  fi
  chmod -- "$3" "$file" 3>&3
  exec 3>&-
  # Some sync programs take no file; then everything is flushed.
  sync -- "$temporary" 2>/dev/null || sync
  # -T: never into a folder that took the name meanwhile. A mv without it is asked after a look.
  if ! mv -fT -- "$temporary" "./$base" 2>/dev/null; then
    look_at "./$base"
    mv -f -- "$temporary" "./$base"
  fi
  made=
  sync -- . 2>/dev/null || sync
}
`;
