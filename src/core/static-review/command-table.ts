import type { Deed, FindingId } from "./finding.ts";

/** What a command does to what it names. Flags are separated by spaces, as they are typed. */
export interface CommandRow {
  /** Nothing where only `output` or `says` counts. */
  readonly does?: Deed;
  /** Which of its operands: all, the last one, or all after the first (a mode, an owner). */
  readonly to?: "each" | "last" | "after-first";
  /** With one of these, or always, everything below goes the same way. */
  readonly deep?: string | true;
  /** Only some of what is below, as it finds it. */
  readonly some?: true;
  /** It does so only with one of these flags; or not with one of these. */
  readonly only?: string;
  readonly unless?: string;
  /** Options that take the next word as their value. */
  readonly valued?: string;
  /** Options whose value is a file that it writes. */
  readonly output?: string;
  /** What becomes of the operands before the last: read, or moved away. */
  readonly sources?: "read" | "moved";
  /** A finding of its own, whatever it names. */
  readonly says?: FindingId;
  /** It says so only where one of its operands is among these; or not where one is. */
  readonly verbs?: string;
  readonly notVerbs?: string;
}

const services =
  "start stop restart reload try-restart reload-or-restart force-reload condrestart kill isolate disable mask";
const containers = "ps images inspect logs version info get describe top stats";
const packages =
  "list search info show query check-update version -l -q -qa --version help depends policy";
const decompresses = {
  does: "deletes",
  to: "each",
  unless: "-c --stdout -k --keep -t --test -l --list",
} as const;

/** Commands by what they do; one line each. What is in no table here is an unknown program. */
export const commandTable: Readonly<Record<string, CommandRow>> = {
  rm: { does: "deletes", to: "each", deep: "-r -R --recursive" },
  rmdir: { does: "deletes", to: "each" },
  unlink: { does: "deletes", to: "each" },
  srm: { does: "deletes", to: "each", deep: "-r -R --recursive" },
  trash: { does: "deletes", to: "each", deep: true },
  tmpreaper: { does: "deletes", to: "after-first", some: true, unless: "-t --test" },
  tmpwatch: { does: "deletes", to: "after-first", some: true, unless: "-t --test" },
  shred: { does: "empties", to: "each", valued: "-n --iterations -s --size --random-source" },
  truncate: { does: "empties", to: "each", valued: "-s --size -r --reference" },
  fallocate: { does: "changes", to: "each", valued: "-l --length -o --offset" },
  tee: { does: "overwrites", to: "each" },
  cp: {
    does: "overwrites",
    to: "last",
    sources: "read",
    deep: "-r -R -a -d --recursive --archive",
    valued: "-t --target-directory -S --suffix",
  },
  install: {
    does: "overwrites",
    to: "last",
    sources: "read",
    valued: "-t --target-directory -m --mode -o --owner -g --group -S --suffix",
    unless: "-d --directory",
  },
  mv: {
    does: "overwrites",
    to: "last",
    sources: "moved",
    valued: "-t --target-directory -S --suffix",
  },
  ln: {
    does: "replaces",
    to: "last",
    only: "-f --force",
    valued: "-t --target-directory -S --suffix",
  },
  link: { does: "overwrites", to: "last" },
  rename: { does: "deletes", to: "after-first" },
  chmod: { does: "changes-mode", to: "after-first", deep: "-R --recursive" },
  chown: { does: "changes-mode", to: "after-first", deep: "-R --recursive" },
  chgrp: { does: "changes-mode", to: "after-first", deep: "-R --recursive" },
  chcon: { does: "changes-mode", to: "after-first", deep: "-R --recursive", valued: "-t -u -r" },
  setfacl: {
    does: "changes-mode",
    to: "each",
    deep: "-R --recursive",
    valued: "-m -x -M -X --modify --remove --set --modify-file --remove-file --set-file",
  },
  setfattr: { does: "changes-mode", to: "each", valued: "-n --name -v --value -x --remove" },
  restorecon: { does: "changes-mode", to: "each", deep: "-R -r" },
  setcap: { does: "changes-mode", to: "after-first" },
  umount: { does: "hides", to: "each", deep: true, valued: "-t --types -O" },
  pivot_root: { does: "hides", to: "last", deep: true },
  gzip: decompresses,
  gunzip: decompresses,
  bzip2: decompresses,
  bunzip2: decompresses,
  xz: decompresses,
  unxz: decompresses,
  lzma: decompresses,
  compress: decompresses,
  zip: { does: "deletes", to: "after-first", only: "-m --move", deep: true },
  zstd: { does: "deletes", to: "each", only: "--rm" },
  patch: {
    does: "changes",
    to: "each",
    valued: "-i --input -p --strip -d --directory -o --output",
  },
  ed: { does: "changes", to: "last" },
  ex: { does: "changes", to: "each", valued: "-c -s" },
  vim: { does: "changes", to: "each", valued: "-c -s -u" },
  sponge: { does: "overwrites", to: "each" },
  dos2unix: { does: "changes", to: "each" },
  unix2dos: { does: "changes", to: "each" },
  sort: { output: "-o --output", valued: "-k --key -t --field-separator -S -T" },
  curl: {
    output: "-o --output",
    valued:
      "-d --data -H --header -X --request -u --user -A -e -F -m -T -b -c -w --retry --max-time --connect-timeout --data-binary --write-out --cacert --cert --key",
  },
  wget: { output: "-O --output-document -o", valued: "-T --timeout -t --tries -U --header -P" },
  systemctl: { says: "restarts", verbs: services, valued: "-H -M -t --type -n -o" },
  service: { says: "restarts", verbs: services },
  "rc-service": { says: "restarts", verbs: services },
  "invoke-rc.d": { says: "restarts", verbs: services },
  supervisorctl: { says: "restarts", verbs: services, valued: "-c -s -u -p" },
  initctl: { says: "restarts", verbs: services },
  monit: { says: "restarts", verbs: services },
  apachectl: { says: "restarts", verbs: `${services} graceful graceful-stop` },
  apache2ctl: { says: "restarts", verbs: `${services} graceful graceful-stop` },
  nginx: { says: "restarts", verbs: "reload stop quit reopen", only: "-s", valued: "-c -p -g -e" },
  pm2: { says: "restarts", verbs: `${services} delete` },
  kill: { says: "ends-processes", unless: "-0 -l" },
  pkill: { says: "ends-processes", unless: "-0" },
  killall: { says: "ends-processes", unless: "-0 -l" },
  skill: { says: "ends-processes" },
  reboot: { says: "reboots" },
  shutdown: { says: "reboots", unless: "-c" },
  halt: { says: "reboots" },
  poweroff: { says: "reboots" },
  init: { says: "reboots" },
  telinit: { says: "reboots" },
  kexec: { says: "reboots" },
  mkfs: { says: "changes-disks" },
  mke2fs: { says: "changes-disks" },
  wipefs: { says: "changes-disks" },
  blkdiscard: { says: "changes-disks" },
  fdisk: { says: "changes-disks", unless: "-l" },
  sfdisk: { says: "changes-disks", unless: "-l -d" },
  parted: { says: "changes-disks", unless: "-l" },
  lvremove: { says: "changes-disks" },
  lvresize: { says: "changes-disks" },
  lvreduce: { says: "changes-disks" },
  vgremove: { says: "changes-disks" },
  zfs: { says: "changes-disks", notVerbs: "list get snapshot" },
  zpool: { says: "changes-disks", notVerbs: "list status get" },
  btrfs: { says: "changes-disks", notVerbs: "list show usage df" },
  mdadm: { says: "changes-disks", unless: "--detail --examine" },
  fsck: { says: "changes-disks" },
  fstrim: { says: "changes-disks" },
  swapoff: { says: "changes-disks" },
  iptables: { says: "changes-network", unless: "-L -S --list" },
  ip6tables: { says: "changes-network", unless: "-L -S --list" },
  nft: { says: "changes-network", notVerbs: "list" },
  ufw: { says: "changes-network", notVerbs: "status" },
  "firewall-cmd": { says: "changes-network", unless: "--state --list-all" },
  ifconfig: { says: "changes-network", verbs: "up down" },
  ifdown: { says: "changes-network" },
  ifup: { says: "changes-network" },
  ip: { says: "changes-network", verbs: "add del delete set flush replace change" },
  route: { says: "changes-network", verbs: "add del" },
  apt: { says: "installs-packages", notVerbs: packages },
  "apt-get": { says: "installs-packages", notVerbs: packages, unless: "-s --simulate --dry-run" },
  aptitude: { says: "installs-packages", notVerbs: packages },
  dpkg: { says: "installs-packages", unless: "-l -s -L -S --list --status --verify -V" },
  yum: { says: "installs-packages", notVerbs: packages },
  dnf: { says: "installs-packages", notVerbs: packages },
  microdnf: { says: "installs-packages", notVerbs: packages },
  rpm: { says: "installs-packages", unless: "-q -V --query --verify" },
  zypper: { says: "installs-packages", notVerbs: packages },
  apk: { says: "installs-packages", notVerbs: packages },
  pacman: { says: "installs-packages", unless: "-Q" },
  snap: { says: "installs-packages", notVerbs: packages },
  flatpak: { says: "installs-packages", notVerbs: packages },
  pip: { says: "installs-packages", notVerbs: packages },
  pip3: { says: "installs-packages", notVerbs: packages },
  npm: { says: "installs-packages", notVerbs: packages },
  gem: { says: "installs-packages", notVerbs: packages },
  cpan: { says: "installs-packages" },
  ssh: { says: "runs-elsewhere" },
  scp: { says: "runs-elsewhere" },
  sftp: { says: "runs-elsewhere" },
  docker: { says: "runs-elsewhere", notVerbs: containers },
  podman: { says: "runs-elsewhere", notVerbs: containers },
  kubectl: { says: "runs-elsewhere", notVerbs: containers },
  crictl: { says: "runs-elsewhere", notVerbs: containers },
  helm: { says: "runs-elsewhere", notVerbs: "list status get" },
  nsenter: { says: "runs-elsewhere" },
  chroot: { says: "runs-elsewhere" },
  "systemd-run": { says: "runs-elsewhere" },
  "systemd-nspawn": { says: "runs-elsewhere" },
  at: { says: "runs-elsewhere", unless: "-l" },
  batch: { says: "runs-elsewhere" },
  crontab: { says: "runs-elsewhere", unless: "-l" },
  screen: { says: "runs-elsewhere" },
  tmux: { says: "runs-elsewhere" },
  ansible: { says: "runs-elsewhere" },
  "ansible-playbook": { says: "runs-elsewhere" },
  python2: { says: "other-language" },
  lua: { says: "other-language" },
  tclsh: { says: "other-language" },
  expect: { says: "other-language" },
  osascript: { says: "other-language" },
  zsh: { says: "other-language" },
  fish: { says: "other-language" },
  csh: { says: "other-language" },
  tcsh: { says: "other-language" },
};

/** Commands that, as far as their own purpose goes, only look, speak or wait. */
export const lookers: ReadonlySet<string> = new Set(
  [
    "[ : alias arch base64 basename bc break bunzip2 cal cat cksum clear cmp column comm continue cut",
    "date df diff dig dir dirname dmesg du echo egrep env expand expr false fgrep file findmnt fmt fold free",
    "getconf getent getfacl getfattr getopt getopts grep groups hash head help hexdump host hostid hostname",
    "iconv id ionice iostat jobs join journalctl jq less let ln locale logger logname look ls lsattr lsblk",
    "lscpu lsof lsns md5sum mkfifo mktemp more mountpoint mpstat namei nc netstat nl nproc nslookup numfmt od",
    "openssl paste pathchk pgrep pidof ping pr printenv printf ps pwd read readlink realpath renice return",
    "rev seq set sha1sum sha224sum sha256sum sha384sum sha512sum shift shopt sleep ss stat strings stty sum",
    "sync tac tail test times touch tput tr true tsort tty type ulimit umask unalias uname unexpand uniq uptime",
    "vmstat w wait wc whereis which who whoami xmllint xxd yes yq zcat zgrep column fuser flock cd local",
  ].flatMap((line) => line.split(" ")),
);

/** Those that hand their input on, at most less of it or in another order. */
export const passers: ReadonlySet<string> = new Set(
  "cat egrep fgrep grep head sort tac tail tee uniq".split(" "),
);

/** Programs that read shell text. */
export const shells: ReadonlySet<string> = new Set("sh bash dash ash ksh mksh rbash".split(" "));

/** Those whose text is another language, for the end of a sentence. */
export const fetchers: ReadonlySet<string> = new Set(
  "curl wget fetch aria2c http https lynx".split(" "),
);
