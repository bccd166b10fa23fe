import { isRoot } from "./shell-hosts.ts";
import { stranger } from "./hostile-host.ts";

/** Who restores, with what tools. */
export interface Side {
  readonly title: string;
  readonly userland: "dash" | "busybox";
  readonly root: boolean;
}

export const sides: readonly Side[] = [
  { title: "GNU, root", userland: "dash", root: true },
  { title: "GNU, plain user", userland: "dash", root: false },
  { title: "BusyBox, root", userland: "busybox", root: true },
  { title: "BusyBox, plain user", userland: "busybox", root: false },
];

export interface Case {
  readonly what: string;
  /** Run by root in an empty folder of the case's own; what it makes is given to who restores. */
  readonly build: string;
  /** Run by root afterwards, for what its owner could not make. */
  readonly rights?: string;
  /** Tools that build needs. */
  readonly needs?: readonly string[];
  /** A snapshot of its own, because it may be refused, or end others. */
  readonly alone?: boolean;
  /** Takes too long to be looked at each time. */
  readonly slow?: (side: Side) => boolean;
  readonly undo?: string;
}

const long = `n=$(printf '%0200d' 0)`;

export const cases: readonly Case[] = [
  { what: "content, also none", build: "printf hello >a; : >b; head -c 70000 /dev/urandom >c" },
  {
    what: "modes of files and folders, with setuid, setgid and sticky",
    build: `for m in 0400 0644 0755 4755 2755 6711; do echo $m >f$m; chmod $m f$m; done
      for m in 0700 0755 1777 2750 0555; do mkdir d$m; chmod $m d$m; done`,
  },
  {
    what: "owner and group",
    build: "echo a >a; mkdir d",
    rights: "chown 1234:5678 a d",
    alone: true,
    slow: ({ root }) => !root,
  },
  {
    what: "times to the nanosecond, of files and folders",
    build: `echo a >a; mkdir d; touch -d '2001-02-03 04:05:06.123456789' a
      touch -d '1999-12-31 23:59:59.999999999' d`,
  },
  {
    what: "times before 1970 and after 2038",
    build:
      "echo a >a; echo b >b; touch -d '1961-04-12 06:07:00.5' a; touch -d '2161-04-12 06:07:00.25' b",
  },
  {
    what: "times of symbolic links",
    build: "ln -s x l; touch -h -d '2002-02-02 02:02:02.222222222' l",
  },
  {
    what: "symbolic links: dangling, absolute, upwards, to a folder",
    build: "ln -s 'no where' a; ln -s /etc/passwd b; ln -s ../.. c; mkdir d; ln -s d e",
  },
  { what: "hard links within the tree", build: "mkdir d; echo a >a; ln a b; ln a d/c" },
  { what: "hard links of symbolic links", build: "ln -s x a; ln a b" },
  { what: "hard links of fifos", build: "mkfifo c; ln c d" },
  { what: "holes of sparse files", build: "truncate -s 8M a; printf end >>a" },
  {
    what: "a sparse file of more than 4 GiB",
    build: "truncate -s 4300M a; printf end >>a",
    alone: true,
    slow: ({ userland, root }) => userland === "busybox" || !root,
  },
  {
    what: "extended attributes",
    build: "echo a >a; mkdir d; setfattr -n user.note -v 'kept?' a; setfattr -n user.note -v too d",
    needs: ["setfattr", "getfattr"],
  },
  {
    what: "access control lists, also of what comes later",
    build:
      "echo a >a; mkdir d; setfacl -m u:1234:rw a; setfacl -m g:77:x d; setfacl -d -m u:1234:rwx d",
    needs: ["setfacl", "getfacl", "getfattr"],
  },
  {
    what: "capabilities of programs",
    build: "echo a >a; chmod 0755 a",
    rights: "setcap cap_net_bind_service+ep a",
    needs: ["setcap", "getfattr"],
    alone: true,
    slow: ({ root }) => !root,
  },
  { what: "empty folders", build: "mkdir -p a/b/c" },
  { what: "fifos", build: "mkfifo -m 0620 a" },
  {
    what: "names with newlines, blanks, quotes, backslashes, signs and controls",
    build: String.raw`for n in 'new
line' 'ends with it
' ' a  b ' "q'u\"o" 'b\n' '*' '?[a]' '$HOME' '%s' '#' '~' 'a=b' "$(printf 'c\001\033[31m')"; do
      echo x >"$n"; done`,
  },
  {
    what: "names with leading dashes",
    build: "for n in -rf --help -; do echo x >./$n; mkdir ./-d$n; done",
  },
  {
    what: "names that are no UTF-8",
    build: String.raw`for n in '\377\376' 'a\201\210b' '\303\274\303\157'; do echo x >"$(printf "$n")"; done`,
  },
  {
    what: "names of 255 bytes",
    build: `echo x >"$(printf '%0255d' 0)"; mkdir "d$(printf '%0254d' 0)"`,
  },
  { what: "a path of 3,900 bytes", build: deepPath(3_900), alone: true, slow: ({ root }) => !root },
  { what: "a path of 4,090 bytes", build: deepPath(4_090), alone: true, slow: ({ root }) => !root },
  {
    what: "a path longer than the system takes (4,095 bytes)",
    build: `perl -e 'for (1..30) { mkdir("0" x 200); chdir("0" x 200) } open(F, ">x")'`,
    needs: ["perl"],
    alone: true,
    slow: ({ root }) => !root,
  },
  {
    what: "what is mounted below the tree",
    build: "mkdir m; echo under >a",
    rights: "mount -t tmpfs tmpfs m; echo inside >m/x",
    undo: "umount m",
    alone: true,
    slow: ({ root }) => !root,
  },
  {
    what: "devices",
    build: "echo a >a",
    rights: "mknod b c 1 3; mknod c b 7 200",
    alone: true,
    slow: ({ root }) => !root,
  },
  {
    what: "sockets",
    build: `echo a >a; perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("s"))'`,
    needs: ["perl"],
    alone: true,
    slow: ({ root }) => !root,
  },
  {
    what: "a file that only its owner may read",
    build: "echo a >a",
    rights: "echo b >b; chown 1234 b; chmod 0600 b",
    alone: true,
    slow: ({ root }) => !root,
  },
];

/** Folders down to a file whose whole path has this many bytes. */
function deepPath(bytes: number): string {
  return `${long}; p=$PWD; while [ $((\${#p} + 203)) -lt ${bytes} ]; do mkdir $n; cd $n; p=$p/$n; done
    echo x >"$(printf '%0*d' $((${bytes} - \${#p} - 1)) 0)"`;
}

export const owner = (side: Side): number => (side.root && isRoot ? 0 : stranger);
