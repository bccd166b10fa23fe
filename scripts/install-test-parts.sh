#!/bin/sh
# Installs the Debian packages that some tests need, as far as they are missing. Tests that lack one
# say "skipped, because …". Safe to repeat; needs root only when something has to be installed.
set -eu

# One line each: a program that shows the package is there, and the package.
parts='sshd openssh-server
ssh openssh-client
nginx nginx-light
busybox busybox-static
patch patch
setfacl acl
getfattr attr
tmux tmux
zsh zsh
fish fish
curl curl
wget wget
openssl openssl
strace strace
ip iproute2
setcap libcap2-bin
setpriv util-linux
script bsdutils
chromium chromium
logrotate logrotate
make make
xmllint libxml2-utils'

# Servers live in folders that a plain user's PATH leaves out.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

missing=$(printf '%s\n' "$parts" | while read -r program package; do
  command -v "$program" >/dev/null 2>&1 || printf '%s ' "$package"
done)

if [ -z "$missing" ]; then
  echo "test parts: all there, nothing to install"
else
  command -v apt-get >/dev/null 2>&1 || {
    echo "test parts: missing: $missing; this script only knows apt-get, please install them by hand" >&2
    exit 1
  }
  echo "test parts: installing $missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o Acquire::Retries=3 update -qq
  # Word splitting is meant: a list of package names.
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $missing
  echo "test parts: installed"
fi

# sshd as root refuses to start without this folder, which the service makes at boot.
if [ "$(id -u)" = 0 ] && [ ! -d /run/sshd ]; then
  mkdir -m 0755 /run/sshd
  echo "test parts: made /run/sshd"
fi
