import type { Itinerary, ItineraryInstance } from "../core/itinerary.ts";
import { startsDaemon } from "../core/plan/starts-daemon.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { printable } from "../core/printable.ts";
import { redactor, type Redactor } from "../core/redact.ts";
import { judgeInCopy } from "../core/rehearsal/judge-step.ts";
import { notRehearsable, stepUser } from "../core/rehearsal/not-rehearsable.ts";
import type {
  RehearsedHost,
  RehearsedInstance,
  RehearsedStep,
} from "../core/rehearsal/rehearsal.ts";
import { hostVariables, substitute, type Variables } from "../core/variables.ts";
import type { Trees } from "../core/verdict/ruling.ts";
import { treePath } from "../core/verdict/tree-path.ts";
import { workingFolder } from "../core/working-folder.ts";
import type { RehearsalDoor, RehearsalLimits, StepInCopy } from "../ports/rehearsal.ts";
import type { StepOrders } from "../ports/step-kind.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";

/** What a copy may take of a host's memory, and what is kept of it. */
export const rehearsalLimits: RehearsalLimits = {
  bytes: 512 * 1024 * 1024,
  inodes: 200_000,
  outputMax: 64 * 1024,
  changesMax: 10_000,
};

/** Characters of a step's output that are shown. */
const outputShownMax = 4_000;

export interface RehearsalOrder {
  readonly door: RehearsalDoor;
  readonly loaded: LoadedPlan;
  readonly itinerary: Itinerary;
  /** Names of instances. */
  readonly chosen: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly network: boolean;
  readonly trace: boolean;
}

/** A step on one host, with every value filled in. */
interface HostStep extends Trees {
  readonly number: number;
  readonly spec: StepSpec;
  readonly orders: StepOrders;
  readonly allow: StepSpec["allow"];
}

/** Rehearses the plan's steps on these instances, as many at once as the plan has concurrency for. */
export async function rehearsedInstances(
  order: RehearsalOrder,
): Promise<readonly RehearsedInstance[]> {
  const { stepKind } = await import("../steps/registry.ts");
  const { fileContent } = await import("../sources/load-plan.ts");
  const files = fileContent(order.loaded.files);
  const { plan } = order.loaded;
  const strike = redactor(order.secrets);

  function stepsOn(instance: ItineraryInstance, host: Host): readonly HostStep[] {
    const secrets = Object.entries(order.secrets).map(([name, it]) => [`secret_${name}`, it]);
    const env: Variables = { ...hostVariables(instance, host), ...Object.fromEntries(secrets) };
    const isFirst = host.name === instance.hosts[0]?.name;
    return plan.steps.flatMap((spec, at) => {
      if (!isFirst && (spec.hosts === "first" || spec.on === "controller")) return [];
      const kind = stepKind(spec.work.kind);
      if (kind === null) throw new Error(`no step kind is named "${spec.work.kind}"`);
      const args = kind.substitutes ? substitute(spec.work.args, env) : spec.work.args;
      const orders = kind.orders(args, { env, files });
      const { writes = [], makes = [] } = orders.do === "script" ? orders : {};
      return {
        number: at + 1,
        spec,
        orders,
        makes,
        protect: substitute(plan.protect, env),
        writes: [...writes, ...substitute(spec.writes, env)],
        allow: substitute(spec.allow, env),
      };
    });
  }

  async function rehearsed(name: string): Promise<RehearsedInstance> {
    const instance = order.itinerary.instances[name];
    if (instance === undefined) throw new Error(`the itinerary has no instance "${name}"`);
    const hosts: RehearsedHost[] = [];
    for (const host of instance.hosts)
      hosts.push(await rehearsedHost(order, { host, steps: stepsOn(instance, host), strike }));
    return { name, region: instance.region, hosts };
  }

  const found: RehearsedInstance[] = [];
  const waiting = order.chosen.entries();
  const workers = Array.from(
    { length: Math.min(plan.rollout.concurrency, order.chosen.length) },
    async () => {
      for (const [at, name] of waiting) found[at] = await rehearsed(name);
    },
  );
  await Promise.all(workers);
  return strike.redactDeep(found);
}

interface OnHost {
  readonly host: Host;
  readonly steps: readonly HostStep[];
  readonly strike: Redactor;
}

async function rehearsedHost(order: RehearsalOrder, on: OnHost): Promise<RehearsedHost> {
  const { host, steps } = on;
  const first = steps.find(({ spec }) => spec.on === "host" && spec.work.kind !== "service");
  const user = first === undefined ? host.become : stepUser(first.spec, host.become);
  const reasons = new Map(
    steps.map((step) => [
      step,
      notRehearsable(step.spec, step.orders.summary, { user, usual: host.become }),
    ]),
  );
  const tried = steps.filter((step) => reasons.get(step) === null);
  const skipped = (step: HostStep): RehearsedStep => ({
    ...named(step),
    is: "not-rehearsable",
    because: reasons.get(step) ?? "nothing of it was run",
  });
  const nothing = { name: host.name, failure: null, notes: [] };
  if (tried.length === 0) return { ...nothing, steps: steps.map(skipped) };
  const opened = await order.door.open(host, { rollout: "rehearsal", become: user });
  if (opened.kind !== "result")
    return { ...nothing, failure: opened.failure, steps: steps.map(skipped) };
  await using stage = opened.value;
  const answer = await stage.rehearse({
    paths: [...new Set(tried.flatMap(treesAsked))],
    steps: tried.flatMap(({ spec, orders }) =>
      orders.do === "script" ? commandOf(spec, orders) : [],
    ),
    network: order.network,
    trace: order.trace,
    limits: rehearsalLimits,
  });
  const refused =
    answer.kind !== "result"
      ? answer.failure
      : answer.value.kind === "refused"
        ? answer.value.failure
        : null;
  if (answer.kind !== "result" || answer.value.kind === "refused")
    return { ...nothing, failure: refused, steps: steps.map(skipped) };
  const { value } = answer;
  const ran = new Map(tried.map((step, at) => [step, value.steps[at]]));
  let stopped: string | null = null;
  const told = steps.map((step): RehearsedStep => {
    if (reasons.get(step) !== null) return skipped(step);
    const inCopy = ran.get(step);
    if (stopped !== null || inCopy === undefined)
      return { ...named(step), is: "not-reached", because: stopped ?? "the rehearsal had stopped" };
    const found = judgeInCopy({
      ...step,
      ...shownOf(inCopy, on, order),
      timeoutMs: step.spec.timeoutMs,
      startsDaemon: startsOne(step),
    });
    if (found.findings.length > 0 || found.inconclusive !== null)
      stopped = `the rollout would have stopped at step ${step.number}`;
    return { ...named(step), is: "rehearsed", ...found };
  });
  const untraced = order.trace && !stage.facts.tools.includes("strace");
  const notes = [
    ...value.notes,
    ...(untraced ? ["deletions were not traced to commands, because strace is missing"] : []),
    ...(value.bytes < rehearsalLimits.bytes
      ? [
          `changes may take ${Math.round(value.bytes / 1024 / 1024)} MiB here, because little memory is free`,
        ]
      : []),
  ];
  return { ...nothing, notes, steps: told };
}

function named({ number, spec }: HostStep): { readonly number: number; readonly name: string } {
  return { number, name: spec.name };
}

function treesAsked({ protect, writes }: HostStep): readonly string[] {
  return [...protect.map(({ path }) => treePath(path)), ...writes.map(treePath)];
}

function commandOf(spec: StepSpec, orders: Extract<StepOrders, { do: "script" }>) {
  const { script, interpreter, args, env, files } = orders;
  const cwd = workingFolder(env);
  return { script, interpreter, args, env, files, cwd, timeoutMs: spec.timeoutMs };
}

function startsOne({ spec, orders }: HostStep): boolean {
  const isText = spec.work.kind === "run" || spec.work.kind === "script";
  return isText && orders.do === "script" && startsDaemon(orders.script);
}

/** Texts of the host, made safe to show. */
function shownOf(
  step: StepInCopy,
  { strike }: OnHost,
  { trace }: RehearsalOrder,
): Omit<StepInCopy, "stdout" | "stderr" | "traced"> & {
  readonly output: string;
  readonly traced: string | null;
} {
  const { stdout, stderr, traced, ...rest } = step;
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(strike.bytes(bytes));
  const output = [stdout, stderr].map((bytes) => decode(bytes).trimEnd()).filter((it) => it !== "");
  return {
    ...rest,
    output: printable(output.join("\n").slice(-outputShownMax), { max: outputShownMax }),
    traced: trace && traced.length > 0 ? decode(traced) : null,
  };
}
