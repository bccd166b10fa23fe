import { mkdirSync } from "node:fs";
import { mkdir, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import type { Answer } from "../../../src/core/answer.ts";
import type { Host } from "../../../src/core/plan/inventory.ts";
import { openGuardDoor } from "../../../src/host/guard-door.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Guard, GuardOptions } from "../../../src/ports/guard.ts";
import type { RunOrder } from "../../../src/ports/guard-command.ts";
import type { Channel, Transport } from "../../../src/ports/transport.ts";
import { local } from "../../../src/transports/local.ts";
import { execFileSync } from "../../support/bounded-process.ts";
import { isLong, longOnly } from "../../support/long-suite.ts";
import { programPath } from "../../support/parts.ts";
import { removeFolder } from "../../support/remove-folder.ts";

/** A shell with its tools, as the guard may meet it on a host. */
export interface Userland {
  readonly name: "dash" | "bash" | "busybox";
  /** null: it is here; else what a skipped test says. */
  readonly missing: string | null;
}

export const userlands: readonly Userland[] = (["dash", "bash", "busybox"] as const).map(
  (name) => ({
    name,
    missing: programPath(name) === null ? `skipped, because ${name} is not installed` : null,
  }),
);

export const present = userlands.filter((userland) => userland.missing === null);
export const dash: Userland = userlands[0]!;

interface ShellSuite {
  /** What the suite is about, after the name of the shell. */
  readonly about?: string;
  readonly asRoot?: boolean;
  readonly concurrent?: boolean;
  /** Those that the short suite runs, too. Default: dash. */
  readonly soon?: readonly Userland["name"][];
  /** Those that lack what the suite is about: what is said of it then has a test of its own. */
  readonly without?: readonly Userland["name"][];
}

/**
 * A suite for each shell that is here. Where the tools of a host matter most, the short suite has BusyBox
 * too; what bash does otherwise than dash has tests of its own, such as swapped-folder.test.ts. All the
 * rest waits for the long suite.
 */
export function describeWithShells(...[first, second]: ShellSuiteWords): void {
  const [suite, tests]: readonly [ShellSuite, ShellTests] =
    second === undefined ? [{}, first] : [first, second];
  const { about = "", asRoot = false, concurrent = false, soon = ["dash"] } = suite;
  const { without = [] } = suite;
  for (const userland of present.filter(({ name }) => !without.includes(name))) {
    const later = !soon.includes(userland.name) && !isLong;
    const title = `with ${userland.name}${about}${asRoot ? rootOnly : ""}${later ? longOnly : ""}`;
    // The rules want a literal title and callback; a suite made for others has neither.
    // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback
    describe(title, { concurrent, skip: later || (asRoot && !isRoot) }, () => tests(userland));
  }
}

type ShellTests = (userland: Userland) => void;
type ShellSuiteWords =
  | readonly [tests: ShellTests, nothing?: undefined]
  | readonly [suite: ShellSuite, tests: ShellTests];

export const isRoot = process.getuid?.() === 0;
/** For the name of a test that can only run as root. */
export const rootOnly = isRoot ? "" : " (skipped, because this needs root)";

export const clock: Clock = {
  now: () => performance.now(),
  wall: () => new Date().toISOString(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const giveUp = () => {
        clearTimeout(timer);
        reject(new Error("given up"));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      }, ms);
      signal?.addEventListener("abort", giveUp);
    }),
};

export interface OpenOptions extends Partial<GuardOptions> {
  /** Another login shell, before which the userland's own is put in PATH. */
  readonly login?: readonly [string, ...string[]];
  readonly host?: Partial<Host>;
  readonly helloTimeoutMs?: number;
  readonly firingMaxMs?: number;
  /** Another clock for the guard's own waiting, its beats among them. */
  readonly clock?: Clock;
}

/** A host of its own: a folder with a tree and a spool, entered by a shell of the userland. */
export class ShellHost implements AsyncDisposable {
  readonly folder: string;
  readonly tree: string;
  readonly spool: string;
  readonly path: string;
  readonly userland: Userland;
  readonly channels: Channel[] = [];
  readonly #guards: Guard[] = [];

  private constructor(folder: string, userland: Userland) {
    this.folder = folder;
    this.userland = userland;
    this.tree = join(folder, "site", "tree");
    this.spool = join(folder, "site", "made", "spool");
    const bin = join(folder, "bin");
    this.path = userland.name === "busybox" ? bin : `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`;
  }

  static async start(userland: Userland = dash): Promise<ShellHost> {
    const host = new ShellHost(await mkdtemp(join(tmpdir(), "handrail-guard-")), userland);
    const bin = join(host.folder, "bin");
    await mkdir(bin);
    await mkdir(host.tree, { recursive: true });
    const program = programPath(userland.name)!;
    // Nothing but BusyBox: a tool that it lacks is missing here too.
    const applets =
      userland.name === "busybox"
        ? execFileSync(program, ["--list"]).toString().trim().split("\n")
        : ["sh"];
    await Promise.all(applets.map((applet) => symlink(program, join(bin, applet))));
    return host;
  }

  /** Opens a guard that must come up. */
  async open(options: OpenOptions = {}): Promise<Guard> {
    return valueOf(await this.tryOpen(options));
  }

  /** Opens a guard for a runner, and claims the host for it. */
  async hold(options: OpenOptions & { readonly epoch: number }): Promise<Guard> {
    const guard = await this.open(options);
    const claim = valueOf(await guard.claim({ holder: "a test", epoch: options.epoch }));
    if (claim.kind === "refused") throw new Error(JSON.stringify(claim.failure));
    return guard;
  }

  async tryOpen(options: OpenOptions = {}): Promise<Answer<Guard>> {
    const login = options.login ?? [join(this.folder, "bin", "sh")];
    const transport = local({ shell: login, environment: { ...process.env, PATH: this.path } });
    const door = openGuardDoor({
      transports: new Map([["local", this.#watched(transport)]]),
      clock: options.clock ?? clock,
      path: this.path,
      ...(options.helloTimeoutMs === undefined ? {} : { helloTimeoutMs: options.helloTimeoutMs }),
      ...(options.firingMaxMs === undefined ? {} : { firingMaxMs: options.firingMaxMs }),
    });
    const { become, epoch, leaseMs } = options;
    const answer = await door.open(
      { ...this.host(), ...options.host },
      {
        rollout: options.rollout ?? "fix-1",
        ...(become === undefined ? {} : { become }),
        ...(epoch === undefined ? {} : { epoch }),
        ...(leaseMs === undefined ? {} : { leaseMs }),
      },
    );
    if (answer.kind === "result") this.#guards.push(answer.value);
    return answer;
  }

  host(): Host {
    return {
      name: "web01",
      address: "localhost",
      via: "local",
      user: null,
      port: null,
      identity: null,
      become: null,
      spool: this.spool,
    };
  }

  /** Runs a script of the test's own in the tree, with the system's tools. */
  sh(script: string): string {
    return execFileSync("/bin/sh", ["-euc", script], {
      cwd: this.tree,
      env: { ...process.env, LC_ALL: "C", FOLDER: this.folder, SPOOL: this.spool },
      stdio: ["ignore", "pipe", "inherit"],
    }).toString("latin1");
  }

  /** Every path below the host's own folder, with what tells one state from another. */
  listing(): string {
    return this.sh('cd "$FOLDER/site"; find . -printf "%y %m %U %G %s %T@ %p\\n" | sort -k 7');
  }

  #watched(transport: Transport): Transport {
    return {
      name: transport.name,
      connect: async (host, options) => {
        const answer = await transport.connect(host, options);
        if (answer.kind !== "result") return answer;
        const connection = answer.value;
        return {
          kind: "result",
          value: {
            open: async (command) => {
              const opened = await connection.open(command);
              if (opened.kind === "result") this.channels.push(opened.value);
              return opened;
            },
            [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
          },
        };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const guard of this.#guards) await guard[Symbol.asyncDispose]();
    await removeFolder(this.folder);
  }
}

/** The value of an answer that must be a result. */
export function valueOf<T>(answer: Answer<T>): T {
  if (answer.kind === "result") return answer.value;
  throw new Error(`${answer.kind}: ${JSON.stringify(answer.failure)}`);
}

/** A run with everything plain but what a test is about. */
export function runOrder(order: Partial<RunOrder> & { readonly script: string }): RunOrder {
  return {
    key: "web01.1.1",
    snapshot: null,
    interpreter: ["sh", "-eu"],
    args: [],
    env: {},
    files: [],
    cwd: null,
    timeoutMs: 20_000,
    outputMax: 10_000,
    armed: null,
    readOnly: [],
    ...order,
  };
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Times that a condition is looked at, 20 ms apart: a busy machine may need them. */
const untilTriesMax = 1_500;

/** Waits until a condition holds; fails loudly when it never does. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < untilTriesMax; tries++) {
    if (holds()) return;
    await clock.sleep(20);
  }
  throw new Error(`never came: ${what}`);
}

/** Live processes whose command line contains this text; zombies don't count. */
export function processesWith(marker: string): readonly string[] {
  return execFileSync("ps", ["-eo", "pid,stat,args"], { maxBuffer: 64 * 1024 * 1024 })
    .toString()
    .split("\n")
    .filter((line) => line.includes(marker) && !/^\s*\d+\s+Z/.test(line));
}

/** A small file system of its own under the spool. Needs root. */
export function smallSpool(
  host: ShellHost,
  options: string,
): AsyncDisposable & { readonly path: string } {
  mkdirSync(host.spool, { recursive: true, mode: 0o700 });
  execFileSync("mount", ["-t", "tmpfs", "-o", `${options},mode=0700`, "tmpfs", host.spool]);
  return {
    path: host.spool,
    async [Symbol.asyncDispose]() {
      execFileSync("umount", ["-l", host.spool]);
    },
  };
}
