import { checkFact } from "../core/check-facts.ts";
import { exitWords } from "../core/exit-words.ts";
import type { Fact } from "../core/outliers.ts";
import { printable } from "../core/printable.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { StepSpec } from "../core/plan/plan.ts";
import { missingTool } from "../core/preflight-trouble.ts";
import { failed, valueOf } from "./action-ended.ts";
import { askOutputMax, checkTimeoutMs } from "./parts.ts";
import { comparesHosts, type HostWork, lookBefore } from "./preflight-look.ts";
import { environmentOf, guardOf, hostsOf, ordersOf, type Work } from "./work.ts";

/** Things that can't be kept which are named; beyond that they are counted. */
const lossesToldMax = 20;

/**
 * Read-only: reaches every host, sees that it has the programs that the steps need, that nobody else
 * has it and that there is room for its snapshots, and runs the plan's checks there. Ends as failed
 * with the first thing that is not as it should be; what can't be kept is noted.
 */
export async function performPreflight(work: Work): Promise<void> {
  for (const { host, steps } of placesOf(work)) {
    const guard = await guardOf(work, host);
    refuseMissingTools(work, { host, guard, steps });
    const losses = await lookBefore(work, { host, guard, steps });
    await noteLimits(work, { host, guard, steps }, losses);
  }
  for (const host of work.instance.hosts) await runChecks(work, host);
}

async function runChecks(work: Work, host: Host): Promise<void> {
  const guard = await guardOf(work, host);
  const facts: Fact[] = [];
  for (const check of work.parts.itinerary.plan.checks) {
    const result = valueOf(
      await guard.ask({
        script: check.run,
        env: environmentOf(work, host),
        timeoutMs: checkTimeoutMs,
        outputMax: askOutputMax,
      }),
    );
    if (result.exitCode === 0 && !result.timedOut) {
      const output = work.parts.redactor.text(new TextDecoder().decode(result.stdout));
      facts.push(checkFact(check.name, output, variablesOn(work, host)));
      continue;
    }
    const said = new TextDecoder().decode(result.stderr.length > 0 ? result.stderr : result.stdout);
    throw failed({
      code: "CHECK_FAILED",
      message: `check "${check.name}" failed on ${host.name}: ${check.why}`,
      hint: result.timedOut
        ? `the check did not end within ${checkTimeoutMs / 1000} s`
        : `the check ended with ${exitWords(result.exitCode)}; see to it, then apply again`,
      host: host.name,
      detail: printable(work.parts.redactor.text(said), { max: 2_000 }),
    });
  }
  if (facts.length > 0 && comparesHosts(work.parts.itinerary))
    await work.note({ kind: "host.facts", host: host.name, facts });
}

/** What the plan gives this host by name: never a secret, whose value is struck out already. */
function variablesOn(work: Work, host: Host): Readonly<Record<string, string>> {
  const all = Object.entries(environmentOf(work, host));
  return Object.fromEntries(all.filter(([name]) => !name.startsWith("secret_")));
}

/** Everywhere that something of the plan happens, as each user that does it, with the steps there. */
function placesOf(work: Work): readonly Omit<HostWork, "guard">[] {
  const places = new Map<string, { readonly host: Host; readonly steps: StepSpec[] }>();
  const at = (host: Host): { readonly steps: StepSpec[] } => {
    const key = JSON.stringify([host.name, host.become, host.spool]);
    const place = places.get(key) ?? { host, steps: [] };
    places.set(key, place);
    return place;
  };
  for (const host of work.instance.hosts) at(host);
  for (const step of work.parts.itinerary.plan.steps)
    for (const host of hostsOf(work, step)) at(host).steps.push(step);
  return [...places.values()];
}

function refuseMissingTools(work: Work, { host, guard, steps }: HostWork): void {
  for (const step of steps) {
    const orders = ordersOf(work, step.work, host);
    const needs = orders.do === "script" ? orders.needs : [];
    const missing = needs.find((tool) => !guard.facts.tools.includes(tool));
    if (missing !== undefined)
      throw failed(missingTool(host.name, { tool: missing, step: step.name }));
  }
}

/** What people should know before anything is touched, and what nobody can change now. */
async function noteLimits(work: Work, it: HostWork, losses: readonly string[]): Promise<void> {
  const { host, guard, steps } = it;
  if (steps.length === 0) return;
  const { plan } = work.parts.itinerary;
  const lost = [...guard.facts.losses, ...losses];
  const more = lost.length > lossesToldMax ? ` and ${lost.length - lossesToldMax} more` : "";
  if (lost.length > 0)
    await work.note({
      kind: "remark",
      host: host.name,
      text: `snapshots here can't keep: ${lost.slice(0, lossesToldMax).join(", ")}${more}`,
    });
  if (guard.facts.logoutFault !== "" && steps.some((step) => step.on === "host"))
    await work.note({
      kind: "remark",
      host: host.name,
      text: `the dead-man switch may not outlive a connection here: ${guard.facts.logoutFault}`,
    });
  const prevents =
    plan.rollout.guard.prevent &&
    plan.protect.some(({ policy: { kind } }) => kind === "keep" || kind === "keep-content") &&
    steps.some((step) => step.on === "host" && step.prevent);
  if (prevents && guard.facts.preventionFault !== "")
    await work.note({
      kind: "remark",
      host: host.name,
      text: `steps run here with protected paths writable: ${guard.facts.preventionFault}`,
    });
}
