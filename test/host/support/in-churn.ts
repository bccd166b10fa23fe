import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Verdict } from "../../../src/core/event.ts";
import type { ProtectedPath } from "../../../src/core/plan/plan.ts";
import { judge } from "../../../src/core/verdict/judge.ts";
import type { Guard } from "../../../src/ports/guard.ts";
import { runOrder, type ShellHost, valueOf } from "./shell-hosts.ts";

/** What a step in the churn was found to have done. */
export interface Judged {
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** How the host held the tree read-only for it. */
  readonly held: "held" | "not-asked" | "impossible";
}

/** What an application keeps for long, in the tree of the host. */
export function settle(host: ShellHost): void {
  host.sh(`mkdir -p conf/sites work
    for n in 1 2 3 4 5 6 7 8; do [ -e conf/sites/site-$n.conf ] || echo $n >conf/sites/site-$n.conf; done
    for name in index.html logo.png work/state.db upload-0.part; do [ -e $name ] || echo $name >$name; done
    touch -d '2001-01-01' upload-0.part index.html`);
}

/** An application that creates and deletes files in the tree of the host, until it is disposed of. */
export async function churn(
  host: ShellHost,
  { perSecond, seed }: { readonly perSecond: number; readonly seed: number },
): Promise<AsyncDisposable & { readonly process: ChildProcess }> {
  const program = fileURLToPath(new URL("churner.ts", import.meta.url));
  const child = spawn(process.execPath, [program, host.tree, String(perSecond), String(seed)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null)
        throw new Error(`the churn ended with exit code ${child.exitCode}`);
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}

/** The walk of one step: snapshot, run, compare, judge under `keep`. */
export async function step(
  guard: Guard,
  host: ShellHost,
  order: { readonly number: number; readonly script: string; readonly prevent: boolean },
): Promise<Judged> {
  const key = `web01.${order.number}`;
  const paths = [{ path: host.tree, content: true }];
  const taken = valueOf(await guard.snapshot({ key, paths, reserveBytes: 0 }));
  if (taken.kind === "refused") throw new Error(taken.failure.message);
  const readOnly = order.prevent ? [host.tree] : [];
  const ran = valueOf(
    await guard.run(
      runOrder({ key: `${key}.1`, snapshot: key, script: order.script, cwd: host.tree, readOnly }),
    ),
  );
  if (ran.kind !== "finished") throw new Error(ran.failure.message);
  const compared = valueOf(await guard.compare({ key, changesMax: 20_000, moment: "after-step" }));
  if (compared.kind === "refused") throw new Error(compared.failure.message);
  const { changes, total } = compared;
  const protect: readonly ProtectedPath[] = [{ path: host.tree, policy: { kind: "keep" } }];
  const held = ran.readOnly.kind;
  const { verdict } = judge({
    changes,
    total,
    protect,
    writes: [],
    allow: [],
    readOnly: held === "held" ? readOnly : [],
  });
  return { verdict, exitCode: ran.exitCode, held };
}

/** Both looks of a rollout's beginning. */
export async function observe(guard: Guard, host: ShellHost, watchMs: number): Promise<number> {
  valueOf(await guard.observe({ paths: [host.tree], watchMs }));
  return valueOf(await guard.observe({ paths: [host.tree], watchMs })).watchedMs;
}

/** A step that does nothing to the tree, and takes a moment for it. */
export const harmless = "sleep 0.05; echo done >&2";

/** Steps that do harm; each must be caught every time. */
export const harms: Readonly<Record<string, string>> = {
  "one long-lived file": "rm index.html",
  "one long-lived file named like those that come and go": "rm upload-0.part",
  "a folder": "rm -r conf",
  everything: "rm -rf -- * || rm -rf -- *",
};

export interface Walk {
  /** Harmless steps that were blamed, in words. */
  readonly blamed: readonly string[];
  /** Harm that was not found, in words. */
  readonly missed: readonly string[];
  readonly steps: number;
  /** Deletions that were told from harm. */
  readonly churned: number;
}

/**
 * Takes `harmlessSteps` steps that do nothing, with one of each harm between them `rounds` times. With
 * `prevent` the tree is closed to all of them: then no harm can be done, and nothing may be found.
 */
export async function walk(
  guard: Guard,
  host: ShellHost,
  {
    harmlessSteps,
    rounds,
    prevent,
  }: { readonly harmlessSteps: number; readonly rounds: number; readonly prevent: boolean },
): Promise<Walk> {
  const kinds = Object.entries(harms);
  const every = Math.max(1, Math.floor(harmlessSteps / (kinds.length * rounds)));
  const blamed: string[] = [];
  const missed: string[] = [];
  let churned = 0;
  let number = 0;
  const take = async (what: string | null, script: string): Promise<void> => {
    settle(host);
    number += 1;
    const { verdict, held, exitCode } = await step(guard, host, { number, script, prevent });
    churned += (verdict.counts["churned"] ?? 0) + (verdict.counts["deleted by others"] ?? 0);
    if (held !== (prevent ? "held" : "not-asked"))
      missed.push(`step ${number}: the tree was ${held}`);
    const safe = what === null || prevent;
    for (const { message } of safe ? verdict.findings : [])
      blamed.push(`step ${number}: ${message}`);
    if (!safe && verdict.is === "kept") missed.push(`step ${number}: ${what}`);
    if (what !== null && prevent && exitCode === 0)
      missed.push(`step ${number}: ${what}, done in spite of prevention`);
  };
  for (let at = 0; at < harmlessSteps; at++) {
    await take(null, harmless);
    if ((at + 1) % every !== 0) continue;
    const harm = kinds[Math.floor(at / every) % kinds.length]!;
    if (Math.floor(at / every) < kinds.length * rounds) await take(...harm);
  }
  return { blamed, missed, steps: number, churned };
}

/** Opens a guard, and looks at the tree as a rollout does before its first step. */
export async function begin(host: ShellHost, watchMs: number): Promise<Guard> {
  const guard = await host.open();
  valueOf(await guard.claim({ holder: "a test", epoch: 1 }));
  const watchedMs = await observe(guard, host, watchMs);
  if (watchedMs < watchMs) throw new Error(`watched for ${watchedMs} ms only`);
  return guard;
}
