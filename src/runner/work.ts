import type { Finding, Note } from "../core/event.ts";
import type { ItineraryInstance } from "../core/itinerary.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { ProtectedPath, StepSpec, Work as PlannedWork } from "../core/plan/plan.ts";
import type { InstanceState } from "../core/state.ts";
import { hostVariables, secretStandIns, substitute, type Variables } from "../core/variables.ts";
import type { Guard, RestoreOrder } from "../ports/guard.ts";
import type { StepOrders } from "../ports/step-kind.ts";
import { failed } from "./action-ended.ts";
import type { GuardPool } from "./guard-pool.ts";
import type { PerformerParts } from "./parts.ts";

/** One action under way on one instance. */
export interface Work {
  readonly parts: PerformerParts;
  readonly pool: GuardPool;
  readonly instance: ItineraryInstance;
  /** As it was when the action began. */
  readonly state: InstanceState;
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** What a probe remembered of the time before the first step, by `markKey`. */
  readonly marks: Map<string, string>;
  /** Of the journal so far: does the host of this name have an armed switch for this step? */
  isArmed(host: string, step: number): boolean;
  /** Of the journal so far: what verdicts have found on this attempt; empty: nothing. */
  found(it: {
    readonly host: string;
    readonly step: number;
    readonly attempt: number;
  }): readonly Finding[];
  /** What was changed after a step had ended: kept where a person takes it back, unless told. */
  readonly later: RestoreOrder["later"];
  /** Set once a host may have changed: from then on "unreachable" is no longer provable. */
  heard: boolean;
  note(note: NoteBody): Promise<void>;
}

type WithoutInstance<T> = T extends unknown ? Omit<T, "instance"> : never;
export type NoteBody = WithoutInstance<Note>;

/** Protected paths and own writes of one step on one host, with every variable filled in. */
export interface HostTrees {
  readonly protect: readonly ProtectedPath[];
  readonly writes: readonly string[];
  /** Folders that the step makes where they are missing. */
  readonly makes?: readonly string[];
}

export function stepOf(work: Work, step: number): StepSpec {
  const spec = work.parts.itinerary.plan.steps[step];
  if (spec === undefined) throw new Error(`the plan has no step ${step + 1}`);
  return spec;
}

/** Where a step runs, in order. */
export function hostsOf(work: Work, step: StepSpec): readonly Host[] {
  if (step.on === "controller") return [controllerHost(work)];
  const hosts = step.hosts === "first" ? work.instance.hosts.slice(0, 1) : work.instance.hosts;
  return step.become === null ? hosts : hosts.map((host) => asUser(host, step.become));
}

/** Every host of the instance, as each user that a step has there, once. */
export function everyHost(work: Work): readonly Host[] {
  const { steps } = work.parts.itinerary.plan;
  const onHosts = steps.filter((step) => step.on === "host");
  const all = [...work.instance.hosts, ...onHosts.flatMap((step) => hostsOf(work, step))];
  return [...new Map(all.map((host) => [`${host.name} ${host.spool}`, host])).values()];
}

/** Another user's guard can't share a spool that only its owner may enter. */
function asUser(host: Host, become: string | null): Host {
  if (become === null || become === (host.become ?? "")) return host;
  return {
    ...host,
    become: become === "" ? null : become,
    spool: `${host.spool}-${become || "login"}`,
  };
}

export function controllerHost(work: Work): Host {
  return {
    name: "controller",
    address: "localhost",
    via: "local",
    user: null,
    port: null,
    identity: null,
    become: null,
    // Each instance has its own, so that giving one back leaves the others' receipts alone.
    spool: `${work.parts.controllerSpool}/${work.instance.name}`,
  };
}

export async function guardOf(work: Work, host: Host): Promise<Guard> {
  return work.pool.take(work.instance.name, host, work);
}

/** Variables of a host, secrets among them. */
export function environmentOf(work: Work, host: Host | null): Variables {
  const plain = host === null ? work.instance.variables : hostVariables(work.instance, host);
  const secrets = Object.entries(work.parts.secrets).map(([name, value]) => [
    `secret_${name}`,
    value,
  ]);
  return { ...plain, ...Object.fromEntries(secrets) };
}

/** What this work means on this host. Ends the action as failed when it needs a secret we lack. */
export function ordersOf(work: Work, planned: PlannedWork, host: Host): StepOrders {
  refuseWithoutSecret(work, planned);
  return resolved(work, planned, environmentOf(work, host));
}

function resolved(work: Work, planned: PlannedWork, env: Variables): StepOrders {
  const kind = work.parts.stepKind(planned.kind);
  if (kind === null) throw new Error(`no step kind is named "${planned.kind}"`);
  const args = kind.substitutes ? substitute(planned.args, env) : planned.args;
  return kind.orders(args, { env, files: work.parts.files });
}

/** A rollout that is taken back may have to do without its secrets, as far as nothing uses them. */
function refuseWithoutSecret(work: Work, planned: PlannedWork): void {
  const used = JSON.stringify(planned.args);
  for (const name of Object.keys(work.parts.itinerary.plan.secrets)) {
    if (Object.hasOwn(work.parts.secrets, name)) continue;
    if (!used.includes(`secret_${name}`) && !used.includes(`secret.${name}`)) continue;
    throw failed({
      code: "SECRET_UNAVAILABLE",
      message: `this needs the secret "${name}", which could not be had`,
      hint: "make it available where handrail runs, then `handrail reconcile`",
    });
  }
}

export function treesOf(work: Work, step: StepSpec, host: Host): HostTrees {
  // Paths never hold secrets, so what a step wrote is known even where its secret is not.
  const names = Object.keys(work.parts.itinerary.plan.secrets);
  const env = { ...secretStandIns(names), ...environmentOf(work, host) };
  const orders = resolved(work, step.work, env);
  const { writes: own = [], makes = [] } = orders.do === "script" ? orders : {};
  return {
    makes,
    protect: step.on === "controller" ? [] : substitute(work.parts.itinerary.plan.protect, env),
    writes: [...own, ...substitute(step.writes, env)],
  };
}

/**
 * Names the snapshot that this step began from, and its switch: unique also where instances share
 * the controller's spool.
 */
export function snapshotKey(work: Work, step: number): string {
  return generationKey(work, step, work.state.bases[step] ?? 1);
}

/** The newest attempt of this step that was begun, also when the rollout has gone on since. */
export function newestAttempt({ state }: Work, step: number): number {
  return state.attempts[step] ?? 1;
}

/** Names the snapshot of one generation. */
export function generationKey(work: Work, step: number, generation: number): string {
  return generation === 1 ? stepKey(work, step) : `${stepKey(work, step)}.g${generation}`;
}

/** Names the receipt of one attempt of a step. */
export function receiptKey(work: Work, step: number, attempt: number): string {
  return `${stepKey(work, step)}.${attempt}`;
}

/**
 * Names the receipt of an undo. A rollback and the host's own switch ask for the same one, so that it
 * runs once; one that failed before is asked for anew.
 */
export function undoKey(work: Work, step: number, rollback: number): string {
  return undoKeyAfter(work, { step, rollback, failures: undoFailures(work, step) });
}

/** Names the receipts of the undos that failed before this one. */
export function failedUndoKeys(work: Work, step: number, rollback: number): readonly string[] {
  return Array.from({ length: undoFailures(work, step) }, (_, failures) =>
    undoKeyAfter(work, { step, rollback, failures }),
  );
}

function undoFailures(work: Work, step: number): number {
  return work.state.flaws.find((flaw) => flaw.step === step)?.undos ?? 0;
}

function undoKeyAfter(
  work: Work,
  {
    step,
    rollback,
    failures,
  }: { readonly step: number; readonly rollback: number; readonly failures: number },
): string {
  return `${stepKey(work, step)}.undo.${rollback}${failures === 0 ? "" : `.${failures + 1}`}`;
}

/**
 * Names the receipt of a restart after a rollback, for each time that its end is looked at: of the
 * step itself, or of a recovery by its place among them.
 */
export function againKey(
  work: Work,
  {
    step,
    verify,
    recovery,
  }: { readonly step: number; readonly verify: number; readonly recovery?: number },
): string {
  const key = `${stepKey(work, step)}.again.${work.state.rollbacks}.${verify}`;
  return recovery === undefined ? key : `${key}.${recovery + 1}`;
}

/** Names the receipt of one action of a path's recovery, by its place among the protected paths. */
export function recoverKey(work: Work, it: RecoverPlace): string {
  return `${receiptKey(work, it.step, it.attempt)}.recover.${it.protect + 1}.${it.action + 1}`;
}

export interface RecoverPlace {
  readonly step: number;
  readonly attempt: number;
  readonly protect: number;
  readonly action: number;
}

/** Names the receipt of what a switch runs after its restore, by its place in that. */
export function firedKey(
  work: Work,
  { step, attempt, at }: { readonly step: number; readonly attempt: number; readonly at: number },
): string {
  return `${receiptKey(work, step, attempt)}.fired.${at + 1}`;
}

function stepKey(work: Work, step: number): string {
  return `${work.instance.name}.${step + 1}`;
}

export function markKey(instance: string, host: string | undefined, probe: string): string {
  return JSON.stringify([instance, host ?? null, probe]);
}
