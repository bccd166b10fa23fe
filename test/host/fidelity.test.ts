import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { execFileSync, spawnSync } from "../support/bounded-process.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { skippedBecause } from "../support/parts.ts";
import { type Case, cases, owner, type Side, sides } from "./support/fidelity-cases.ts";
import { key } from "./support/restoring.ts";
import { isRoot, rootOnly, ShellHost, userlands, valueOf } from "./support/shell-hosts.ts";

// docs/fidelity.md is what this test finds: trees with everything that can be in one are snapshotted,
// deleted and put back, and compared with what was there. FIDELITY=all looks at slow cases too, and
// FIDELITY=update writes the page anew with them.

const page = new URL("../../docs/fidelity.md", import.meta.url);
const updating = process.env["FIDELITY"] === "update";
const thorough = updating || process.env["FIDELITY"] === "all";

/** What can differ, in the order in which a cell names it; and why it does. */
const reasons: Readonly<Record<string, string>> = {
  missing: "it can't be made again by these tools or this user; the restore tells it as failed",
  owner: "only root can give files away; the restore tells it as failed",
  mode: "the tools or the user can't set it",
  content: "the tools lose it",
  size: "the tools lose it",
  time: "BusyBox can't set the time of a symbolic link",
  target: "the tools lose it",
  links: "the tools make one file of each name",
  holes: "the tools write holes out, so the file takes its full size on the disk",
  attributes:
    "the tools know no extended attributes, lists or capabilities, or only root may set them",
};

/** Why there is no snapshot. */
const refusals: Readonly<Record<string, string>> = {
  SNAPSHOT_UNPROVEN:
    "the drill before the step did not give it back, so the step does not begin. A path is too long once a working folder's name is before it; only root can set capabilities or make devices",
  SNAPSHOT_UNREADABLE: "this user or these tools can't read it, so the step does not begin",
};

const cells = new Map<string, string>();
const losses = new Map<string, readonly string[]>();

describe.skipIf(!isRoot)(`fidelity${rootOnly}`, () => {
  beforeAll(() => process.umask(0o022));

  for (const side of sides) {
    const missing = userlands.find(({ name }) => name === side.userland)?.missing ?? null;
    const isFirst = side.root && side.userland !== "busybox";
    const later = !isFirst && !isLong && !thorough;
    test.skipIf(missing !== null || later)(
      `${side.title}: ${missing ?? "all is as the page says"}${later ? longOnly : ""}`,
      async () => {
        const wanted = cases.filter((it) => skippedBecause(it.needs ?? []) === null);
        const now = wanted.filter((it) => thorough || it.slow?.(side) !== true);
        await look(
          side,
          now.filter((it) => it.alone !== true),
        );
        for (const it of now.filter((each) => each.alone === true)) await look(side, [it]);
        if (updating) return;
        const written = cellsOf(readFileSync(page, "utf8"), side);
        const found = Object.fromEntries(
          now.map(({ what }) => [what, cells.get(`${side.title}/${what}`)]),
        );
        expect(Object.fromEntries(now.map(({ what }) => [what, written.get(what)]))).toEqual(found);
      },
    );
  }

  test.runIf(updating)("the page is written anew", () => {
    writeFileSync(page, pageText());
    expect(existsSync(page)).toBe(true);
  });
});

/** Builds, snapshots, deletes, restores and compares; fills in the cells. */
async function look(side: Side, all: readonly Case[]): Promise<void> {
  const userland = userlands.find(({ name }) => name === side.userland)!;
  await using host = await ShellHost.start(userland);
  const folder = (it: Case) => `${host.tree}/${cases.indexOf(it)}`;
  host.sh(`chmod 0711 "$FOLDER" "$FOLDER/site"; chmod 0755 "$FOLDER/bin"
    mkdir -m 0700 "$FOLDER/spool"; chown ${owner(side)}:${owner(side)} "$FOLDER/spool" .`);
  for (const it of all) {
    host.sh(`mkdir ${folder(it)}; cd ${folder(it)}; chown ${owner(side)}:${owner(side)} .`);
    // By whom it will belong to: another owner would clear what setuid and the like say.
    const ids = { uid: owner(side), gid: owner(side) };
    execFileSync("/bin/sh", ["-euc", it.build], {
      cwd: folder(it),
      ...ids,
      stdio: ["ignore", "ignore", "inherit"],
    });
    host.sh(`cd ${folder(it)}; ${it.rights ?? ":"}`);
  }
  try {
    const shell = `${host.folder}/bin/sh`;
    const guard = await host.open({
      host: { spool: `${host.folder}/spool` },
      ...(side.root ? {} : { login: plainUser(side, shell) }),
    });
    const paths = [{ path: host.tree, content: true }];
    const taken = valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }));
    const tell = (it: Case, cell: string) => cells.set(`${side.title}/${it.what}`, cell);
    if (taken.kind === "refused") {
      if (all.length > 1) throw new Error(taken.failure.message + (taken.failure.detail ?? ""));
      if (!Object.hasOwn(refusals, taken.failure.code)) throw new Error(taken.failure.message);
      tell(all[0]!, `no snapshot: ${taken.failure.code}`);
      return;
    }
    losses.set(side.title, [...(losses.get(side.title) ?? []), ...taken.losses]);
    const before = all.map((it) => portrait(folder(it)));
    for (const it of all) host.sh(`cd ${folder(it)}; ${it.undo ?? ":"}`);
    host.sh("find . -mindepth 1 -delete");
    const rules = [{ path: host.tree, how: "deleted" as const }];
    const back = valueOf(await guard.restore({ key, rules, later: "keep" }));
    if (back.kind === "refused") throw new Error(back.failure.message);
    const told = new Set(
      back.failed.map(({ path }) => path.split("/")[host.tree.split("/").length]),
    );
    for (const [index, it] of all.entries()) {
      const fields = differences(before[index]!, portrait(folder(it)));
      // Nothing is lost in silence: what is missing or given to another is told as failed.
      const silent = ["missing", "owner"].filter((field) => fields.includes(field));
      if (silent.length > 0 && !told.has(String(cases.indexOf(it))))
        throw new Error(`nobody was told what became of "${it.what}"`);
      tell(it, fields.length === 0 ? "kept" : fields.join(", "));
    }
  } finally {
    // A path that is too long for everybody else, too.
    host.sh("find . -mindepth 1 -xdev -delete 2>/dev/null || :");
    for (const it of all)
      host.sh(`cd ${folder(it)} 2>/dev/null && ${it.undo ?? ":"} 2>/dev/null || :`);
  }
}

function plainUser(side: Side, shell: string): [string, ...string[]] {
  const id = String(owner(side));
  return ["/usr/bin/setpriv", "--reuid", id, "--regid", id, "--clear-groups", shell];
}

type Portrait = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** All that is promised to come back of each entry; nothing is followed. */
function portrait(root: string): Portrait {
  const entries = new Map<string, Record<string, string>>();
  const names = new Map<string, string[]>();
  const device = lstatSync(root, { bigint: true }).dev;
  const visit = (path: Buffer): void => {
    const stat = lstatSync(path, { bigint: true });
    const name = path.toString("latin1");
    if (stat.dev !== device) {
      // Another tree begins here.
      entries.set(name, { missing: String(stat.mode & 0o170000n) });
      return;
    }
    const sparse = stat.isFile() && stat.blocks * 512n < stat.size / 2n;
    entries.set(name, {
      missing: String(stat.mode & 0o170000n) + (stat.rdev === 0n ? "" : ` ${stat.rdev}`),
      mode: (stat.mode & 0o7777n).toString(8),
      owner: `${stat.uid}:${stat.gid}`,
      size: stat.isDirectory() ? "" : String(stat.size),
      time: String(stat.mtimeNs),
      content: stat.isFile() && stat.size < 2n ** 30n ? digest(path) : "",
      target: stat.isSymbolicLink() ? readlinkSync(path, "latin1") : "",
      holes: String(sparse),
      attributes: "",
    });
    if (!stat.isDirectory())
      names.set(String(stat.ino), [...(names.get(String(stat.ino)) ?? []), name]);
    if (!stat.isDirectory()) return;
    for (const child of readdirSync(path, { encoding: "buffer" }))
      visit(Buffer.concat([path, Buffer.from("/"), child]));
  };
  visit(Buffer.from(root));
  for (const group of names.values())
    for (const name of group) entries.get(name)!["links"] = group.toSorted().join("\n");
  // Lists and capabilities are attributes too.
  const dump = spawnSync("getfattr", [
    "-R",
    "-P",
    "-h",
    "-d",
    "-m",
    "-",
    "-e",
    "hex",
    "--absolute-names",
    root,
  ]);
  if (dump.error === undefined)
    for (const block of dump.stdout.toString("latin1").split("\n\n")) {
      const [head, ...lines] = block.split("\n");
      const entry = entries.get(head?.replace("# file: ", "") ?? "");
      if (entry !== undefined) entry["attributes"] = lines.toSorted().join("\n");
    }
  return entries;
}

function digest(path: Buffer): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function differences(before: Portrait, after: Portrait): readonly string[] {
  const fields = new Set<string>();
  for (const [name, entry] of before) {
    const now = after.get(name);
    if (now === undefined) fields.add("missing");
    else for (const field of Object.keys(entry)) if (entry[field] !== now[field]) fields.add(field);
  }
  for (const name of after.keys()) if (!before.has(name)) fields.add("content");
  return Object.keys(reasons).filter((field) => fields.has(field));
}

function pageText(): string {
  const rows = cases.map(
    ({ what }) =>
      `| ${what} | ${sides.map(({ title }) => cells.get(`${title}/${what}`) ?? "not looked at").join(" | ")} |`,
  );
  const seen = new Set([...cells.values()].flatMap((cell) => cell.split(", ")));
  const whys = [
    ...Object.entries(reasons).filter(([field]) => seen.has(field)),
    ...Object.entries(refusals).filter(([code]) => seen.has(`no snapshot: ${code}`)),
  ];
  const told = sides.map(
    ({ title }) => `* ${title}: ${[...new Set(losses.get(title))].sort().join("; ") || "nothing"}.`,
  );
  return `# Fidelity

What comes back when a protected tree was deleted whole. This page is what \`test/host/fidelity.test.ts\`
found: it builds trees with every case below, snapshots them, deletes everything, restores, and
compares every entry. \`FIDELITY=update npx vitest run test/host/fidelity.test.ts\` writes it anew.

| what | ${sides.map(({ title }) => title).join(" | ")} |
| --- | ${sides.map(() => "---").join(" | ")} |
${rows.join("\n")}

"kept": all of it is as before. Otherwise the cell names what differs, or why there is no snapshot, and
then the step does not begin.

${whys.map(([field, why]) => `* ${field}: ${why}.`).join("\n")}

Never the same: access time, change time and inode number of what was restored, which nobody can set.
What is mounted below a tree is another tree: its mount point comes back, its content is not touched.

What the snapshot of these trees told as lost before anything was run:

${told.join("\n")}
`;
}

function cellsOf(text: string, side: Side): ReadonlyMap<string, string> {
  const column = sides.indexOf(side) + 2;
  return new Map(
    text
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .map((row) => [row[1] ?? "", row[column] ?? ""]),
  );
}
