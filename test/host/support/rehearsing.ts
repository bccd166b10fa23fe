import type {
  RehearsalDoor,
  RehearsalStage,
  RehearseOrder,
  StepInCopy,
} from "../../../src/ports/rehearsal.ts";
import { effectsOf } from "../../../src/core/verdict/classify.ts";
import { openGuardDoor } from "../../../src/host/guard-door.ts";
import { local } from "../../../src/transports/local.ts";
import { clock, type ShellHost, valueOf } from "./shell-hosts.ts";

/** Bounds of a rehearsal with everything plain. */
export const limits: RehearseOrder["limits"] = {
  bytes: 64 * 1024 * 1024,
  inodes: 20_000,
  outputMax: 10_000,
  changesMax: 1_000,
};

/** Opens a session on this host for rehearsals, as the user that the login shell is. */
export async function openStage(
  host: ShellHost,
  login: readonly [string, ...string[]] = [`${host.folder}/bin/sh`],
): Promise<RehearsalStage> {
  const transport = local({ shell: login, environment: { ...process.env, PATH: host.path } });
  const door: RehearsalDoor = openGuardDoor({
    transports: new Map([["local", transport]]),
    clock,
    path: host.path,
  });
  return valueOf(await door.open(host.host(), { rollout: "rehearsal" }));
}

export interface PlainOrder extends Partial<Omit<RehearseOrder, "steps">> {
  readonly login?: readonly [string, ...string[]];
  readonly timeoutMs?: number;
  readonly files?: RehearseOrder["steps"][number]["files"];
}

/** An order for these scripts in the host's tree. */
export function orderFor(
  host: ShellHost,
  scripts: readonly string[],
  { timeoutMs = 20_000, files = [], ...more }: PlainOrder = {},
): RehearseOrder {
  return {
    paths: [host.tree],
    network: false,
    trace: false,
    limits,
    ...more,
    steps: scripts.map((script) => ({
      script,
      interpreter: ["sh", "-eu"],
      args: ["-x", "two words"],
      env: { home: host.tree, secret_token: "a'b" },
      files,
      cwd: host.tree,
      timeoutMs,
    })),
  };
}

/** Rehearses these scripts; fails where that is refused. */
export async function inCopy(
  host: ShellHost,
  scripts: readonly string[],
  options: PlainOrder = {},
): Promise<readonly StepInCopy[]> {
  await using stage = await openStage(host, options.login);
  const result = valueOf(await stage.rehearse(orderFor(host, scripts, options)));
  if (result.kind === "refused") throw new Error(JSON.stringify(result.failure));
  return result.steps;
}

/** Rehearses what must be refused; the sentence that says why. */
export async function refusedInCopy(
  host: ShellHost,
  scripts: readonly string[],
  options: PlainOrder = {},
): Promise<string> {
  await using stage = await openStage(host, options.login);
  const result = valueOf(await stage.rehearse(orderFor(host, scripts, options)));
  return result.kind === "refused" ? `${result.failure.code}: ${result.failure.message}` : "";
}

/** What a step did, one line each: class and path, below this folder. */
export function deeds(changes: StepInCopy["inside"]["changes"], folder: string): readonly string[] {
  return effectsOf(changes).map(
    ({ class: kind, path }) => `${kind} ${path === folder ? "." : path.replace(`${folder}/`, "")}`,
  );
}
