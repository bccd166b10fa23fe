import type { Effect } from "../core/effects.ts";
import type {
  EffectGroup,
  RehearsalOutcome,
  RehearsedHost,
  RehearsedInstance,
  RehearsedStep,
  StepFound,
} from "../core/rehearsal/rehearsal.ts";
import { type Block, layOut, type PageOptions } from "./page.ts";
import { counted, grouped, listed, size } from "./wording.ts";

/** Effects of one place that are shown one by one, and commands of a trace. */
const effectsMax = 12;
const commandsMax = 8;

/** Lines of a step's output that are shown, the last ones. */
const outputLinesMax = 12;

export interface RehearsalView {
  readonly plan: string;
  readonly instances: readonly RehearsedInstance[];
  /** Targets on which nothing was tried. */
  readonly left: readonly string[];
  /** Was the choice left to Handrail? */
  readonly byDefault: boolean;
  readonly network: boolean;
  readonly outcome: RehearsalOutcome;
}

/** What must be said of every rehearsal. */
export function limitsOfCopies(network: boolean): readonly string[] {
  return [
    network
      ? "The network of the host was open to the steps: what they did over it was done."
      : "A copy has no network: what a step would do over it is not shown.",
    "A copy has none of the host's processes, services, databases and sockets (/run and /dev are its own): signals to them, and what they would do, are not shown.",
    "The application goes on meanwhile, so the files that a step meets in the rollout may be others.",
  ];
}

/** A rehearsal for people. */
export function rehearsalText(view: RehearsalView, options: PageOptions): string {
  const { plan, instances, left, byDefault, network, outcome } = view;
  const names = listed(instances.map(({ name }) => name));
  const choice = byDefault ? ", the first of each region" : "";
  return layOut(
    [
      { kind: "heading", text: `Rehearsal of ${plan} on ${names}${choice}` },
      ...(left.length === 0
        ? []
        : [
            {
              kind: "text",
              level: 1,
              tone: "quiet",
              text: `not rehearsed: ${listed(left, 10)}`,
            } as const,
          ]),
      ...instances.flatMap(instanceBlocks),
      { kind: "gap" },
      { kind: "heading", text: "What a rehearsal does not show" },
      ...limitsOfCopies(network).map((text): Block => ({ kind: "text", level: 1, text })),
      { kind: "gap" },
      outcomeBlock(outcome),
    ],
    options,
  );
}

const outcomes: Readonly<Record<RehearsalOutcome, readonly ["good" | "bad" | "warning", string]>> =
  {
    "would-break": ["bad", "A policy would be broken. Nothing was touched."],
    "not-rehearsable": [
      "bad",
      "Not everything asked for could be rehearsed, and nothing is known of the rest. Nothing was touched.",
    ],
    inconclusive: [
      "warning",
      "Inconclusive: the copy could not show what a step would do. Nothing was touched.",
    ],
    effects: [
      "good",
      "Effects, within policy. Nothing was touched, and all of it was thrown away.",
    ],
    "no-effects": ["good", "No effects were seen on files. Nothing was touched."],
  };

function outcomeBlock(outcome: RehearsalOutcome): Block {
  const [tone, text] = outcomes[outcome];
  return { kind: "text", tone, text };
}

function instanceBlocks({ name, region, hosts }: RehearsedInstance): readonly Block[] {
  return hosts.flatMap((host) => [
    { kind: "gap" } as const,
    {
      kind: "heading",
      text: `${name} (${region})${host.name === name ? "" : ` on ${host.name}`}`,
    } as const,
    ...hostBlocks(host),
  ]);
}

function hostBlocks({ failure, notes, steps }: RehearsedHost): readonly Block[] {
  const said = notes.map((text): Block => ({ kind: "text", level: 1, bullet: "? ", text }));
  if (failure !== null)
    return [
      bad(1, `not rehearsable, because ${failure.message} (${failure.code})`),
      { kind: "text", level: 2, text: `next: ${failure.hint}` },
      ...said,
    ];
  return [...said, ...steps.flatMap(stepBlocks)];
}

function stepBlocks(step: RehearsedStep): readonly Block[] {
  const title = `${step.number}. ${step.name}`;
  if (step.is === "rehearsed") return [{ kind: "text", level: 1, text: title }, ...found(step)];
  const why = step.is === "not-reached" ? "not reached" : "not rehearsable, because";
  const text = `${title}: ${why}${step.is === "not-reached" ? ":" : ""} ${step.because}`;
  return [{ kind: "text", level: 1, tone: "warning", text }];
}

function found(step: StepFound): readonly Block[] {
  const { findings, groups, inconclusive, external, remarks, tracedTo, output } = step;
  return [
    ...findings.map(({ message, code }) => bad(2, `${message} (${code})`)),
    ...(inconclusive === null
      ? []
      : [
          {
            kind: "text",
            level: 2,
            tone: "warning",
            bullet: "! ",
            text: `inconclusive: ${inconclusive}`,
          } as const,
        ]),
    ...groups.flatMap((group) => groupBlocks(group, tracedTo)),
    ...(groups.length === 0
      ? [{ kind: "text", level: 2, text: "no effects were seen on files" } as const]
      : []),
    ...external.slice(0, commandsMax).map((call): Block => ({
      kind: "text",
      level: 2,
      bullet: "? ",
      text: `only recorded, not done: ${call}`,
    })),
    ...(external.length > commandsMax
      ? [
          {
            kind: "text",
            level: 2,
            text: `and ${grouped(external.length - commandsMax)} more recorded calls`,
          } as const,
        ]
      : []),
    ...remarks.map((text): Block => ({ kind: "text", level: 2, bullet: "? ", text })),
    ...(output === "" || (findings.length === 0 && inconclusive === null)
      ? []
      : [
          { kind: "text", level: 2, tone: "quiet", text: "its output ends with:" } as const,
          {
            kind: "verbatim",
            level: 3,
            text: output.split("\n").slice(-outputLinesMax).join("\n"),
          } as const,
        ]),
  ];
}

function groupBlocks(group: EffectGroup, tracedTo: StepFound["tracedTo"]): readonly Block[] {
  const { path, policy, counts, deletedBytes, effects } = group;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const place = {
    protected: `${path ?? ""} (${policy ?? ""})`,
    written: `${path ?? ""} (written by the step)`,
    elsewhere: "elsewhere, where nothing is protected",
  }[group.of];
  const freed = deletedBytes > 0 ? `; ${size(deletedBytes)} in what is deleted` : "";
  const words = Object.entries(counts).map(([kind, count]) => `${grouped(count)} ${kind}`);
  const shownCount = Math.min(effectsMax, effects.length);
  return [
    { kind: "text", level: 2, text: `${place}: ${words.join(", ")}${freed}` },
    ...effects.slice(0, effectsMax).map((effect): Block => ({
      kind: "text",
      level: 3,
      text: effectText(effect, tracedTo?.[effect.path]),
    })),
    ...(total > shownCount
      ? [
          {
            kind: "text",
            level: 3,
            text: `and ${counted(total - shownCount, "more path")}`,
          } as const,
        ]
      : []),
  ];
}

function effectText(effect: Effect, command: string | undefined): string {
  const { before, after } = effect.change;
  const now = after?.type === "file" ? size(after.size) : null;
  const was = before?.type === "file" ? size(before.size) : null;
  const sizes = was === null || now === null || was === now ? (was ?? now) : `${was}, now ${now}`;
  const what = [effect.class, (after ?? before)?.type === "folder" ? "folder" : sizes];
  const by = command === undefined ? "" : `, by: ${command}`;
  return `${effect.path}: ${what.filter((word) => word !== null).join(" ")}${by}`;
}

function bad(level: number, text: string): Block {
  return { kind: "text", level, tone: "bad", bullet: "! ", text };
}
