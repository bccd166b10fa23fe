import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "../../support/bounded-process.ts";
import { programPath } from "../../support/parts.ts";
import { isRoot, type ShellHost } from "./shell-hosts.ts";

/** As bytes, one character each. */
const oddNames = [
  "new\nline",
  "ends with newline\n",
  "\nstarts with newline",
  "-rf",
  "--help",
  " lead space",
  "trail space ",
  "two  spaces",
  "tab\there",
  "quote'\"`$(id)",
  "$HOME",
  "back\\slash\\n",
  "*",
  "?",
  "[a]",
  "%s%n",
  "ctrl\x01\x1b[31m",
  "bad\xff\xfeutf8",
  "for dash\x81\x88",
  "\xc3\xbcn\xc3\xafc\xc3\xb6d\xc3\xa9",
  "n".repeat(255),
  "#hash",
  "~",
  "a=b",
];

/** Fills the host's tree with every kind of entry and name that a restore must bring back. */
export function fillNastily(host: ShellHost): void {
  for (const name of ["odd", "odd/dir\nx\n"])
    mkdirSync(Buffer.from(`${host.tree}/${name}`, "latin1"));
  for (const name of [...oddNames, "dir\nx\n/in"])
    writeFileSync(Buffer.from(`${host.tree}/odd/${name}`, "latin1"), `in ${name}`);
  host.sh(`
    printf 'hello' >file; : >empty
    printf 'linked' >hl1; ln hl1 hl2; mkdir -p sub/deep; ln hl1 sub/deep/hl3
    ln -s file good; ln -s 'nowhere/at all' dangling; ln -s /etc/passwd absolute; ln -s sub tosub
    truncate -s 8M sparse; printf 'end' >>sparse
    mkfifo fifo; mkdir bare sticky closed; chmod 1777 sticky; chmod 2750 closed
    printf '#!/bin/sh' >setuid; chmod 4755 setuid; printf 'ro' >readonly; chmod 0400 readonly
    touch -d '2001-02-03 04:05:06.123456789' file
    touch -d '1999-12-31 23:59:59.999999999' bare
    touch -h -d '2002-02-02 02:02:02.222222222' dangling
    touch -d '2003-03-03 03:03:03.000000003' sub/deep
  `);
  if (isRoot) host.sh("printf 'x' >owned; chown 1234:5678 owned sub/deep; chmod 0640 owned");
}

/** Adds what only some file systems and tools know. Says what it could not add. */
export function fillWithAttributes(host: ShellHost): void {
  host.sh(`
    printf 'a' >attributed; setfattr -n user.note -v 'kept?' attributed
    mkdir noted; setfattr -n user.note -v folder noted
    printf 'b' >listed; setfacl -m u:1234:rw listed
    mkdir inherits; setfacl -d -m u:1234:rwx inherits
  `);
}

export const attributesMissing = ["setfattr", "setfacl", "getfattr", "getfacl"].some(
  (tool) => programPath(tool) === null,
)
  ? "skipped, because the tools for attributes and access control lists are not installed"
  : null;

export interface Fidelity {
  readonly holes: boolean;
  readonly linkTimes: boolean;
  readonly attributes: boolean;
}

export const everything: Fidelity = { holes: true, linkTimes: true, attributes: true };
export const withBusybox: Fidelity = { holes: false, linkTimes: false, attributes: false };

/** All that is promised to come back, one entry a path; inode numbers only by who shares them. */
export function portrait(root: string, fidelity: Fidelity): Readonly<Record<string, unknown>> {
  const entries: Record<string, unknown> = {};
  const names = new Map<bigint, string[]>();
  const visit = (path: Buffer): void => {
    const stat = lstatSync(path, { bigint: true });
    const name = path.toString("latin1");
    const type = Number(stat.mode & 0o170000n);
    const isLink = stat.isSymbolicLink();
    entries[name] = {
      type,
      mode: Number(stat.mode & 0o7777n).toString(8),
      owner: `${stat.uid}:${stat.gid}`,
      size: stat.isDirectory() ? 0n : stat.size,
      mtime: isLink && !fidelity.linkTimes ? null : stat.mtimeNs,
      content: stat.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : null,
      target: isLink ? readlinkSync(path, "latin1") : null,
      holes: fidelity.holes && stat.isFile() ? stat.blocks * 512n < stat.size / 2n : null,
    };
    if (!stat.isDirectory()) names.set(stat.ino, [...(names.get(stat.ino) ?? []), name]);
    if (stat.isDirectory())
      for (const child of readdirSync(path, { encoding: "buffer" }))
        visit(Buffer.concat([path, Buffer.from("/"), child]));
  };
  visit(Buffer.from(root));
  const shared = [...names.values()].filter((group) => group.length > 1);
  for (const group of shared) for (const name of group) entries[`${name} is`] = group.toSorted();
  if (fidelity.attributes && attributesMissing === null) {
    const run = (program: string, args: readonly string[]) =>
      execFileSync(program, [...args, root], { env: { ...process.env, LC_ALL: "C" } })
        .toString("latin1")
        .split("\n\n")
        .sort();
    entries["attributes"] = run("getfattr", [
      "-R",
      "-P",
      "-h",
      "-d",
      "-m",
      "-",
      "-e",
      "hex",
      "--absolute-names",
    ]);
    entries["lists"] = run("getfacl", ["-R", "-P", "-n", "-p"]);
  }
  return entries;
}
