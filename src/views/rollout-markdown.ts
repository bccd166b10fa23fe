import { duration } from "../core/duration-words.ts";
import type { RolloutState } from "../core/state.ts";
import { asCalled } from "./as-called.ts";
import type { Incident } from "./incidents.ts";
import { code, fenced, table } from "./markdown.ts";
import { type Fate, fateOf, type Summary } from "./summary.ts";
import { usersWords } from "./surfaces.ts";
import { utcDateTime } from "./times.ts";
import { grouped } from "./wording.ts";

/** Instances whose story is told; of the others there is the number. */
const storiesMax = 20;

/** How a rollout ended, for the page of a CI job. `program`: how handrail is called here. */
export function rolloutMarkdown(
  state: RolloutState,
  summary: Summary,
  program = "handrail",
): readonly string[] {
  const { plan, digest, inventory } = state.itinerary;
  const { outcome, exit, rollout, startedAt, tookMs, incidents, next } = summary;
  const facts: readonly (readonly string[])[] = [
    ["rollout", code(rollout)],
    ["plan", `${code(plan.name)} ${code(plan.summary)}`],
    ["digest", code(digest)],
    ["inventory", `${code(inventory.name)}${inventory.production ? ", production" : ""}`],
    ["exit code", String(exit)],
    ...(startedAt === null ? [] : [["begun", utcDateTime(startedAt)]]),
    ...(tookMs === null ? [] : [["took", duration(tookMs)]]),
  ];
  const stories = incidents.slice(0, storiesMax);
  const more = incidents.length - stories.length;
  return [
    `### Handrail: ${outcome}`,
    table(["", ""], facts).join("\n"),
    ...(state.halt === null || outcome === "sealed"
      ? []
      : [`Halted by the rule: ${code(state.halt.sentence)}`]),
    regionTable(state),
    ...stories.map((it) => story(it, program)),
    ...(more > 0 ? [`And ${grouped(more)} more: \`handrail report\` has all of them.`] : []),
    ...(next.length === 0
      ? []
      : [
          `Next:\n\n${fenced(next.map(({ command, why }) => `${command}   # ${why}`).join("\n"), "sh")}`,
        ]),
  ];
}

function regionTable(state: RolloutState): string {
  const columns: readonly (readonly [string, readonly Fate[]])[] = [
    ["sealed", ["sealed"]],
    ["rolled back", ["rolled back"]],
    [
      "needs a person",
      ["rolled back, not verified", "rollback failed", "left", "unknown", "inconclusive", "asking"],
    ],
    ["unfit", ["unfit"]],
    ["under way", ["under way"]],
    ["not touched", ["not touched"]],
  ];
  const rows = state.itinerary.regions.map(({ name }) => {
    const fates = [...state.instances.values()].filter((it) => it.region === name).map(fateOf);
    const counts = columns.map(([, of]) => fates.filter((fate) => of.includes(fate)).length);
    return [code(name), grouped(fates.length), ...counts.map(grouped)];
  });
  return table(["region", "instances", ...columns.map(([title]) => title)], rows).join("\n");
}

function story(it: Incident, program: string): string {
  const what = it.as ?? "neither good nor bad";
  const where = it.step === null ? "" : `, at step ${it.step.number} ${code(it.step.name)}`;
  return [
    `* **${code(it.instance)}** (${code(it.region)}): ${what}${where}: ${code(it.failure.message)}`,
    ...it.done.map((each) => `  * done: ${code(each)}`),
    `  * users: ${code(usersWords(it.surfaces))}`,
    `  * next: ${code(asCalled(it.failure.hint, program))}`,
  ].join("\n");
}

/** Why a command was refused, or what went wrong, as it was told on standard error. */
export function refusalMarkdown(lines: readonly string[], exit: number): readonly string[] {
  return [`### Handrail: ended with exit ${exit}`, fenced(lines.join("\n"))];
}
