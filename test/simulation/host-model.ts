import type { HostPortrait } from "../../src/core/host-portrait.ts";
import type { DrawnHarm } from "./draw-late.ts";
import type { Fault } from "./faults.ts";
import { type CommandStart, type Doing, endOf, type Receipt, wake } from "./receipt-model.ts";
import type { Chance } from "./seeded.ts";
import type { SwitchModel } from "./switch-model.ts";
import { livePrefix, type Tree } from "./tree-model.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface HostTraits {
  /** Does the application put its temp files back by itself? */
  readonly regenerates: boolean;
  /** Does it make and remove files of its own all the time? */
  readonly churns: boolean;
  /** Can protected paths be closed to a step here? */
  readonly prevents: boolean;
  /** The step whose undo fails when it is tried for the first time. */
  readonly failsToUndo?: number | null;
  /** The step, from 1, whose switch can't be armed when that is tried for the first time. */
  readonly failsToArm?: number | null;
  /** Does it run another system than the others? */
  readonly isOdd?: boolean;
  readonly secret: string;
}

/** One simulated host: a small tree, a spool, an application. It outlives every runner. */
export class HostModel {
  readonly name: string;
  readonly before: Tree;
  readonly tree: Map<string, string>;
  readonly snapshots = new Map<string, { readonly tree: Tree; readonly atMs: number }>();
  /** How the tree was right after a step, by the key of its snapshot. */
  readonly after = new Map<string, Tree>();
  readonly receipts = new Map<string, Receipt>();
  readonly switches = new Map<string, SwitchModel>();
  readonly violations: string[] = [];
  /** What a person changed after the rollout was over. */
  readonly byHand = new Map<string, string>();
  readonly undone = new Map<number, number>();
  /** What became different after its instance was sealed, by path. */
  readonly late = new Set<string>();
  /** Receipts of steps that deleted something for good which nobody demands back. */
  readonly lost = new Set<string>();
  lock: { readonly rollout: string; readonly epoch: number } | null = null;
  boots = 1;
  /** How wrong its clock is, in seconds. */
  clockOff = 0;
  /** What is wrong with it for the time being. */
  readonly ails = new Set<Fault>();
  readonly regenerates: boolean;
  readonly churns: boolean;
  readonly prevents: boolean;
  readonly isOdd: boolean;
  readonly secret: string;
  /** The libraries that the application runs with, since its last restart. */
  loaded: string;
  readonly clock: VirtualClock;
  readonly #chance: Chance;
  #failsToUndo: number | null;
  #failsToArm: number | null;
  readonly #stumbled = new Set<number>();

  constructor(name: string, clock: VirtualClock, chance: Chance, traits: HostTraits) {
    this.name = name;
    this.clock = clock;
    this.#chance = chance;
    this.regenerates = traits.regenerates;
    this.churns = traits.churns;
    this.prevents = traits.prevents;
    this.isOdd = traits.isOdd ?? false;
    this.secret = traits.secret;
    this.#failsToUndo = traits.failsToUndo ?? null;
    this.#failsToArm = traits.failsToArm ?? null;
    this.before = new Map([
      ["/srv/app/tmp/a", "a"],
      ["/srv/app/tmp/b", "b"],
      ["/srv/app/etc/conf", "conf"],
    ]);
    this.tree = new Map(this.before);
    this.loaded = this.#libraries();
  }

  /** Once, the switch of this name can't be armed. */
  refusesToArm(key: string): boolean {
    if (this.#failsToArm === null || key.split(".")[1] !== String(this.#failsToArm)) return false;
    this.#failsToArm = null;
    return true;
  }

  get portrait(): HostPortrait {
    return { os: this.isOdd ? "another system" : "a system", upSeconds: null, paths: [] };
  }

  get healthy(): boolean {
    return this.tree.has("/srv/app/tmp/a") && !this.tree.has("/srv/app/lib/broken");
  }

  get runsOldLibraries(): boolean {
    return this.loaded !== this.#libraries();
  }

  /** What some steps set off, and nobody sees until long after them. */
  turnBad(what: DrawnHarm["what"]): void {
    const path = lateHarmOf[what];
    this.late.add(path);
    if (what === "breaks") this.tree.set(path, "x");
    else this.#deleteTemp(path);
  }

  /** What the application has done to its temp files since somebody last looked. */
  live(): void {
    if (!this.churns) return;
    for (const name of ["1", "2"]) {
      const path = `/srv/app/tmp/${livePrefix}${name}`;
      if (this.#chance.is(0.5)) this.tree.set(path, String(this.#chance.below(3)));
      else this.tree.delete(path);
    }
  }

  /** Starts a command that goes on whether or not anyone listens. */
  start({ receipt, doing, timeoutMs, held }: CommandStart): void {
    receipt.starts += 1;
    if (receipt.starts > 1) this.violations.push(`6: ${receipt.key} ran ${receipt.starts} times`);
    // Half of the effect comes early, so that a command that is ended leaves a torn state.
    this.clock.after(doing.takesMs / 2, () => {
      if (receipt.state === "running" && writes.has(doing.kind))
        this.tree.set(libOf(doing.step), doing.kind === "good" ? "half" : "torn");
    });
    const overMs = doing.kind === "hangs" ? timeoutMs : Math.min(doing.takesMs, timeoutMs);
    this.clock.after(overMs, () => {
      if (receipt.state === "running") this.#finish({ receipt, doing, timeoutMs, held });
    });
  }

  /** Told to end; one that does not listen is killed seconds later. Resolves when it runs no more. */
  async end(receipt: Receipt): Promise<void> {
    if (this.ails.has("ignores SIGTERM"))
      this.clock.after(killedAfterMs, () => this.#kill(receipt));
    else this.#kill(receipt);
    await endOf(receipt);
  }

  #kill(receipt: Receipt): void {
    if (receipt.state !== "running") return;
    receipt.state = "interrupted";
    wake(receipt);
  }

  /** Whatever ran is gone, switches too; files stay, and the application comes up with them. */
  reboot(): void {
    this.boots += 1;
    for (const receipt of this.receipts.values()) this.#kill(receipt);
    for (const it of this.switches.values()) it.die();
    this.loaded = this.#libraries();
  }

  #finish({ receipt, doing, held }: CommandStart): void {
    const timedOut = doing.kind === "hangs";
    const prevented = doing.kind === "deletes" && held.kind === "held";
    const stumbles = doing.kind === "stumbles" && !this.#stumbled.has(doing.step);
    if (stumbles) this.#stumbled.add(doing.step);
    const works =
      doing.kind === "good" || doing.kind === "drops" || (doing.kind === "stumbles" && !stumbles);
    if (works || doing.kind === "deletes") {
      this.tree.set(libOf(doing.step), `new ${doing.step}`);
      this.tree.set(sharedPath, `by ${doing.step}`);
    }
    if (doing.kind === "breaks") {
      this.tree.set(libOf(doing.step), `new ${doing.step}`);
      this.tree.set("/srv/app/lib/broken", "x");
    }
    if (doing.kind === "deletes" && !prevented) this.#deleteTemp("/srv/app/tmp/a");
    if (doing.kind === "drops" && this.tree.has(droppedPath)) {
      if (!this.regenerates) this.lost.add(receipt.key);
      this.#deleteTemp(droppedPath);
    }
    if (doing.kind === "restart") this.loaded = this.#libraries();
    const notUndone = doing.kind === "undo" && this.#failsToUndo === doing.step;
    const lost = this.ails.has("exit code lost") && this.#chance.is(0.3);
    if (notUndone) this.#failsToUndo = null;
    // Whether to run it again, where nobody knows how it ended, is for a person to say.
    else if (doing.kind === "undo" && !lost) this.#undo(doing.step);
    const isBad = doing.kind === "fails" || doing.kind === "bad undo" || notUndone || stumbles;
    const bad = isBad || prevented || timedOut;
    if (lost) {
      this.#kill(receipt);
      return;
    }
    const floods = this.ails.has("flood of output");
    receipt.state = "done";
    receipt.result = {
      exitCode: timedOut ? 143 : bad ? 1 : 0,
      timedOut,
      readOnly: held,
      // A careless command prints its secret.
      stdout: new TextEncoder().encode(`done with ${this.secret}\n`.repeat(floods ? 4_000 : 1)),
      stderr: new TextEncoder().encode(prevented ? "rm: a: Read-only file system\n" : ""),
      dropped: floods ? 2 ** 40 : 0,
      durationMs: doing.takesMs,
    };
    wake(receipt);
  }

  #undo(step: number): void {
    const times = (this.undone.get(step) ?? 0) + 1;
    this.undone.set(step, times);
    if (times > 1)
      this.violations.push(
        `6: the undo of step ${step} did its work ${times} times on ${this.name}`,
      );
  }

  #deleteTemp(path: string): void {
    this.tree.delete(path);
    const content = this.before.get(path);
    if (this.regenerates && content !== undefined)
      this.clock.after(700, () => {
        if (!this.tree.has(path)) this.tree.set(path, content);
      });
  }

  #libraries(): string {
    const files = [...this.tree].filter(([path]) => path.startsWith("/srv/app/lib/"));
    return JSON.stringify(files.sort(byPath));
  }
}

const lateHarmOf: Readonly<Record<DrawnHarm["what"], string>> = {
  "loses a": "/srv/app/tmp/a",
  "loses b": "/srv/app/tmp/b",
  breaks: "/srv/app/lib/broken",
};

/** How long a command goes on that does not listen. */
const killedAfterMs = 5_000;

/** What a step may drop, under a policy that lets it go. */
export const droppedPath = "/srv/app/tmp/b";

/** Written by every step, made by the first. */
export const sharedPath = "/srv/app/lib/shared";

export function libOf(step: number): string {
  return `/srv/app/lib/step${step}`;
}

const writes: ReadonlySet<Doing["kind"]> = new Set([
  "good",
  "deletes",
  "drops",
  "fails",
  "hangs",
  "breaks",
  "stumbles",
] as const);

function byPath([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
