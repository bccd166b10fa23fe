import type { Policy } from "../plan/plan.ts";

/** certain harm, likely harm, and what nobody can tell from the text. In order of weight. */
export const severities = ["breaks", "warns", "unknown"] as const;
export type Severity = (typeof severities)[number];

/** What a command does to a path. */
export type Deed =
  | "deletes"
  | "empties"
  | "changes"
  | "overwrites"
  | "replaces"
  | "changes-mode"
  | "hides";

/** Everything that the review can find, by the name that `accept` takes, and what it means. */
export const findingMeanings = {
  deletes: "deletes or moves away something protected",
  empties: "cuts a protected file down to nothing",
  changes: "changes the content of something protected",
  overwrites: "writes over something protected, where it is there already",
  replaces: "puts a link in the place of something protected",
  "changes-mode": "changes mode, owner or attributes of something protected",
  hides: "mounts over something protected, or unmounts it",
  "unresolved-path": "deletes, moves or changes a path that can't be known beforehand",
  "network-into-shell": "runs what it has just fetched from the network",
  restarts: "starts, stops or restarts a service outside of a `service` step",
  "ends-processes": "ends processes by name or number",
  reboots: "takes the whole host down",
  "changes-disks": "writes to devices, file systems or volumes",
  "changes-network": "changes addresses, routes or firewall rules",
  "installs-packages": "has a package manager change the host",
  "runs-elsewhere": "has something run on another machine, in a container or at another time",
  "evaluates-text": "runs text that is made while it runs",
  "reads-commands": "runs commands from a file on the host",
  "other-language": "runs a program text that is not shell",
  "unknown-input": "does something to names that come from elsewhere",
  "unknown-program": "runs a program whose effects are not known",
  unreadable: "can't be read as shell text, or not to its end",
} as const satisfies Readonly<Record<string, string>>;

export type FindingId = keyof typeof findingMeanings;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a literal
export const findingIds = Object.keys(findingMeanings) as readonly FindingId[];

/** One question that the text of a step raises. That there is none never means that a step is harmless. */
export interface ReviewFinding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** The step; null for an action that only a `recover` names. */
  readonly step: string | null;
  /** Which commands: the step's own, those that take it back, or those of a recovery. */
  readonly of: "step" | "undo" | "recover";
  /** The action that holds the commands; null where the step holds them itself. */
  readonly action: string | null;
  /** Where the command stands: the plan or the script, as a person would open it. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** As written, on one line. */
  readonly command: string;
  /** What it is done to, on the first instance that it is found on; null: no path. */
  readonly path: string | null;
  /** The protected path that it comes near; null: none in particular. */
  readonly protects: {
    readonly path: string;
    /** As the plan writes it. */
    readonly written: string;
    readonly policy: Policy["kind"];
  } | null;
  /** What it would do and why that matters: one sentence without a full stop. */
  readonly message: string;
  /** Names of the instances that it is found on, in rollout order. */
  readonly instances: readonly string[];
  /** Why the plan accepts it; null: it does not. */
  readonly accepted: string | null;
}

/** Those that keep a rollout from beginning: certain, and accepted by nobody. */
export function breaking(findings: readonly ReviewFinding[]): readonly ReviewFinding[] {
  return findings.filter(({ severity, accepted }) => severity === "breaks" && accepted === null);
}
