import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Controller, startController } from "./controller.ts";
import { removeFolder } from "./remove-folder.ts";
import { codeCache } from "./plain-env.ts";
import type { Sshd } from "./sshd.ts";

/** Two regions of two instances, each with a tree, a log of its steps and a spool of its own. */
export interface RealFleet extends AsyncDisposable {
  readonly folder: string;
  readonly names: readonly string[];
  readonly plan: string;
  /** The state folder that the program gets when no other is named. */
  readonly state: string;
  home(name: string): string;
  spool(name: string): string;
  /** The program with `--state` in one of this fleet's state folders. */
  start(args: readonly string[], state?: string): Controller;
  /** Every path of an instance's tree: type, mode, owner, size, time, target and content. */
  listing(name: string): Promise<readonly string[]>;
  /** What lies in the spool, paths only; without the names that are drawn at random. */
  spoolListing(name: string): Promise<readonly string[]>;
  /** What steps wrote about themselves: "begin warm", "end warm" …, with pid and lock where asked. */
  log(name: string): Promise<readonly string[]>;
  /** How many entries controllers left in the temp folder. */
  litter(): Promise<number>;
  /** The text without what differs from one fleet to the next. */
  plain(text: string): string;
}

export interface RealFleetOptions {
  /** The rest of the plan after `inventory:`. */
  readonly plan: string;
  /** null: no ssh, all on this machine by `via: local`. */
  readonly sshd: Sshd | null;
  readonly via: "openssh" | "ssh2" | "local";
  /** Default: all of `fleetNames`. The first two letters of a name are its region. */
  readonly names?: readonly FleetName[];
  /** The folder in which the fleet gets its own; default: the one for temporary files. */
  readonly parent?: string;
}

export const fleetNames = ["eu1", "eu2", "us1", "us2"] as const;
export type FleetName = (typeof fleetNames)[number];
export const fleetAddresses = fleetNames.map((_, index) => `127.0.0.${index + 1}`);

/** Before every rollout, so that a changed time is seen: 2020-01-01, with nanoseconds. */
const oldTime = "2020-01-01T00:00:00.123456789Z";

export async function realFleet(options: RealFleetOptions): Promise<RealFleet> {
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), "handrail-real-"));
  const home = (name: string): string => join(folder, name);
  const spool = (name: string): string => join(folder, `spool-${name}`);
  const logFile = (name: string): string => join(folder, `steps-${name}.log`);
  const names = options.names ?? fleetNames;
  for (const name of names) await makeTree(home(name));
  await makePlanFolder(folder, options, { home, spool, logFile });
  const { sshd } = options;
  const env = {
    HOME: join(folder, "login"),
    TMPDIR: join(folder, "temp"),
    ...codeCache,
  };
  return {
    folder,
    names,
    plan: join(folder, "plan.yaml"),
    state: join(folder, "state"),
    home,
    spool,
    start: (args, state = "state") =>
      startController({ args: [...args, "--state", join(folder, state)], cwd: folder, env }),
    listing: async (name) => lines(await shell(listingScript, home(name))),
    spoolListing: async (name) => {
      const found = lines(await shell(spoolScript, folder, spool(name)));
      return [...new Set(found.map(withoutDrawnNames))];
    },
    log: async (name) => lines(await readFile(logFile(name), "utf8").catch(() => "")),
    litter: async () => (await readdir(join(folder, "temp"))).length,
    plain: (text) =>
      text
        .replaceAll(folder, "<fleet>")
        .replaceAll(sshd === null ? "\0" : `:${sshd.port}`, ":<port>"),
    [Symbol.asyncDispose]: () => removeFolder(folder),
  };
}

async function makeTree(home: string): Promise<void> {
  await mkdir(join(home, "tmp", "work", "empty"), { recursive: true });
  for (const name of ["etc", "var"]) await mkdir(join(home, name));
  const files: readonly (readonly [string, string, number])[] = [
    ["tmp/a", "temp a\n", 0o644],
    ["tmp/b", "temp b\n", 0o600],
    ["tmp/work/odd name\n$(touch pwned) ü", "odd\n", 0o644],
    ["etc/app.conf", "mode = old\n", 0o640],
    ["etc/other.conf", "one\ntwo\nthree\nfour\nfive\n", 0o644],
    ["var/state", "cold\n", 0o664],
    ["var/cache", "x".repeat(20_000), 0o600],
  ];
  for (const [path, content, mode] of files) await writeFile(join(home, path), content, { mode });
  await shell(`find . -exec touch -h -d ${oldTime} {} +`, home);
}

interface Places {
  home(name: string): string;
  spool(name: string): string;
  logFile(name: string): string;
}

async function makePlanFolder(
  folder: string,
  { plan, sshd, via, names = fleetNames }: RealFleetOptions,
  places: Places,
): Promise<void> {
  await mkdir(join(folder, "files"));
  for (const name of ["temp", "login", "login/.ssh"])
    await mkdir(join(folder, name), { mode: 0o700 });
  if (sshd !== null)
    await writeFile(join(folder, "login/.ssh/known_hosts"), await readFile(sshd.knownHosts));
  await writeFile(join(folder, "files/app.conf"), "mode = new\n", { mode: 0o644 });
  await writeFile(
    join(folder, "files/other.diff"),
    "--- a/other.conf\n+++ b/other.conf\n@@ -1,5 +1,5 @@\n one\n two\n-three\n+THREE\n four\n five\n",
  );
  const login =
    sshd === null ? "" : `, user: ${sshd.user}, port: ${sshd.port}, identity: ${sshd.identity}`;
  const instance = (name: FleetName): string =>
    `      - { name: ${name}, address: ${fleetAddresses[fleetNames.indexOf(name)]}, spool: ${places.spool(name)}, vars: { home: ${places.home(name)}, log: ${places.logFile(name)}, spool: ${places.spool(name)} } }`;
  const region = (prefix: string): readonly string[] => {
    const rows = names.filter((name) => name.startsWith(prefix)).map(instance);
    return rows.length === 0 ? [] : [`  - name: ${prefix}`, "    instances:", ...rows];
  };
  await writeFile(
    join(folder, "inventory.yaml"),
    [
      "handrail: 1",
      "name: real",
      "production: false",
      `defaults: { via: ${via}${login} }`,
      "regions:",
      ...region("eu"),
      ...region("us"),
      "",
    ].join("\n"),
  );
  await writeFile(
    join(folder, "plan.yaml"),
    `handrail: 1\nname: fix\ninventory: inventory.yaml\n${plan}`,
  );
}

const listingScript = String.raw`
find . -printf '%P\t%y %m %U:%G %s %T@ %l\0' | LC_ALL=C sort -z | tr '\n\0' '?\n'
find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum -z | tr '\n\0' '?\n'`;

/** What is in a key's folder is the host's own affair, and differs with what was asked how often. */
const spoolScript = String.raw`
[ ! -e "$1" ] || find "$1" -maxdepth 3 ! -path '*/trees/*' -printf '%P %y %m\n' | LC_ALL=C sort`;

/** Nonces of guards, the epochs, and a snapshot's generation: a resumed rollout has more of them. */
function withoutDrawnNames(path: string): string {
  return path
    .replaceAll(/fix-\d{8}-\d{4}-[0-9a-f]{4}/g, "ROLLOUT")
    .replace(/(epochs)\/\d+/, "$1/N")
    .replace(/\bwork\.[0-9a-f]+/, "work.N")
    .replace(/(snapshots|switches|after)\/([\w.]+)\.g\d+ /, "$1/$2 ");
}

async function shell(script: string, folder: string, ...args: readonly string[]): Promise<string> {
  const options = { cwd: folder, maxBuffer: 16 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)("sh", ["-c", script, "sh", ...args], options);
  return stdout;
}

function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
