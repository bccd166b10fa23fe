import type { Entry } from "../../src/core/effects.ts";
import type { CommandResult } from "../../src/ports/guard-command.ts";
import type { Chance } from "./seeded.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What a simulated step does on one host. Its script is this, as JSON. */
export interface Doing {
  readonly step: number;
  readonly kind: "good" | "deletes" | "fails" | "hangs" | "breaks" | "undo";
  readonly takesMs: number;
}

export interface Receipt {
  readonly key: string;
  state: "running" | "done" | "never" | "interrupted";
  result: CommandResult | null;
  starts: number;
  waiting: (() => void)[];
}

/** One simulated host: a small tree, a spool, an application. It outlives every runner. */
export class HostModel {
  readonly name: string;
  readonly before: ReadonlyMap<string, string>;
  readonly tree: Map<string, string>;
  readonly snapshots = new Map<string, ReadonlyMap<string, string>>();
  readonly receipts = new Map<string, Receipt>();
  readonly violations: string[] = [];
  lock: { readonly rollout: string; readonly epoch: number } | null = null;
  /** Does the application put its temp files back by itself? */
  readonly regenerates: boolean;
  readonly secret: string;
  readonly #clock: VirtualClock;

  constructor(name: string, clock: VirtualClock, chance: Chance, secret: string) {
    this.name = name;
    this.#clock = clock;
    this.regenerates = chance.is(0.5);
    this.secret = secret;
    this.before = new Map([
      ["/srv/app/tmp/a", "a"],
      ["/srv/app/tmp/b", "b"],
      ["/srv/app/etc/conf", "conf"],
    ]);
    this.tree = new Map(this.before);
  }

  get healthy(): boolean {
    return this.tree.has("/srv/app/tmp/a") && !this.tree.has("/srv/app/lib/broken");
  }

  /** Starts a command that goes on whether or not anyone listens. */
  start(receipt: Receipt, doing: Doing, timeoutMs: number): void {
    receipt.starts += 1;
    if (receipt.starts > 1) this.violations.push(`6: ${receipt.key} ran ${receipt.starts} times`);
    const snapshot = receipt.key.slice(0, receipt.key.lastIndexOf("."));
    if (doing.kind !== "undo" && !this.snapshots.has(snapshot))
      this.violations.push(
        `3: ${receipt.key} would change ${this.name} with nothing to go back to`,
      );
    // Half of the effect comes early, so that a command that is ended leaves a torn state.
    this.#clock.after(doing.takesMs / 2, () => {
      if (receipt.state === "running" && doing.kind !== "undo")
        this.tree.set(libOf(doing.step), doing.kind === "good" ? "half" : "torn");
    });
    const overMs = doing.kind === "hangs" ? timeoutMs : Math.min(doing.takesMs, timeoutMs);
    this.#clock.after(overMs, () => {
      if (receipt.state !== "running") return;
      this.#finish(receipt, doing);
    });
  }

  end(receipt: Receipt): void {
    if (receipt.state !== "running") return;
    receipt.state = "interrupted";
    this.#wake(receipt);
  }

  #finish(receipt: Receipt, doing: Doing): void {
    const timedOut = doing.kind === "hangs";
    if (doing.kind === "good" || doing.kind === "deletes") {
      this.tree.set(libOf(doing.step), `new ${doing.step}`);
      this.tree.set(sharedPath, `by ${doing.step}`);
    }
    if (doing.kind === "breaks") {
      this.tree.set(libOf(doing.step), `new ${doing.step}`);
      this.tree.set("/srv/app/lib/broken", "x");
    }
    if (doing.kind === "deletes") this.#deleteTemp();
    const bad = doing.kind === "fails" || timedOut;
    receipt.state = "done";
    receipt.result = {
      exitCode: timedOut ? 143 : bad ? 1 : 0,
      timedOut,
      // A careless command prints its secret.
      stdout: new TextEncoder().encode(`done with ${this.secret}\n`),
      stderr: new Uint8Array(),
      dropped: 0,
      durationMs: doing.takesMs,
    };
    this.#wake(receipt);
  }

  #deleteTemp(): void {
    this.tree.delete("/srv/app/tmp/a");
    if (this.regenerates)
      this.#clock.after(700, () => {
        if (!this.tree.has("/srv/app/tmp/a")) this.tree.set("/srv/app/tmp/a", "a");
      });
  }

  #wake(receipt: Receipt): void {
    for (const wake of receipt.waiting.splice(0)) wake();
  }
}

/** Written by every step, made by the first. */
export const sharedPath = "/srv/app/lib/shared";

export function libOf(step: number): string {
  return `/srv/app/lib/step${step}`;
}

export function entryOf(content: string): Entry {
  return {
    type: "file",
    mode: "0644",
    uid: 0,
    gid: 0,
    size: content.length,
    mtime: "1.000000000",
    ctime: "1.000000000",
    inode: content,
  };
}
