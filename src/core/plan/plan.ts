import type { BakeUntil, MetricSpec } from "./metric.ts";
import type { NotifySpec } from "./notice.ts";

/**
 * A plan after parsing: defaults filled in, durations in milliseconds, shorthand spelled out,
 * `${name}` not yet substituted (that needs an instance). Plain JSON data.
 */
export interface Plan {
  readonly name: string;
  readonly summary: string;
  /** As written: a path relative to the plan, a command that prints JSON, or an Ansible inventory. */
  readonly inventory: InventorySource | null;
  readonly targets: TargetSelection;
  readonly vars: Readonly<Record<string, string>>;
  readonly rollout: RolloutPolicy;
  readonly protect: readonly ProtectedPath[];
  readonly actions: Readonly<Record<string, Work>>;
  readonly probes: readonly ProbeSpec[];
  /** Absent where the plan has none, as in the journals of older rollouts. */
  readonly metrics?: readonly MetricSpec[];
  readonly checks: readonly CheckSpec[];
  readonly steps: readonly StepSpec[];
  readonly secrets: Readonly<Record<string, SecretSource>>;
  readonly notify: readonly NotifySpec[];
}

export type InventorySource =
  | { readonly file: string }
  | { readonly command: readonly string[] }
  | { readonly ansible: string };

export interface TargetSelection {
  /** null: every region of the inventory, in its order. */
  readonly regions: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly exclude: readonly string[];
}

/** A whole number, or a percentage of what it limits. */
export type Count = { readonly number: number } | { readonly percent: number };

export type OnFail = "rollback" | "rollback-region" | "rollback-all" | "halt" | "ask";

export interface Bake {
  /** Milliseconds to wait before the first look. */
  readonly settleMs: number;
  /** Milliseconds that every probe must pass without a break. */
  readonly stableMs: number;
  /** Milliseconds after `settle` within which the stable stretch must have begun. */
  readonly retryMs: number;
  /** What must be there too before it ends well; absent: being healthy is enough. */
  readonly until?: BakeUntil;
  /** With `until`: milliseconds after its start at which what is still missing makes it inconclusive. */
  readonly deadlineMs?: number;
}

export interface RolloutPolicy {
  /** Sizes of the batches of each region; the last repeats. */
  readonly batches: readonly Count[];
  readonly concurrency: number;
  readonly maxBad: Count;
  readonly onFail: OnFail;
  readonly bake: Bake;
  /** For the first region; the same as `bake` when the plan does not say. */
  readonly bakeFirst: Bake;
  /** What `apply --emergency` shortens; absent: the plan declares nothing for one. */
  readonly emergency?: EmergencyPolicy;
  /** Regions that wait for a person. */
  readonly approve: readonly string[];
  /** By region, where the plan says more than its name; absent where it says so of none. */
  readonly approvals?: Readonly<Record<string, ApprovalRule>>;
  readonly deadline: {
    readonly stepMs: number;
    readonly instanceMs: number;
    readonly progressMs: number;
  };
  readonly guard: {
    /** A host that hears nothing for this long goes back by itself. */
    readonly leaseMs: number;
    /** Do steps run with `keep` and `keep-content` paths read-only, where the host allows it? */
    readonly prevent: boolean;
    /** How long a tree that changes by itself is watched before the first step. */
    readonly observeMs: number;
  };
  readonly retentionMs: number;
  /**
   * What comes of a step whose effects lie outside what it did on earlier instances. Absent in
   * journals of 0.1: off.
   */
  readonly envelope?: EnvelopePolicy;
  /** What comes of targets that are not like the others. Absent in journals of 0.1: nobody looks. */
  readonly onOutlier?: OutlierPolicy;
  /**
   * Sealed instances are looked at so often, in milliseconds, while the rollout goes on elsewhere.
   * Absent where the plan says `watch: false`, and in journals of 0.1: nobody looks.
   */
  readonly watch?: { readonly everyMs: number };
}

/** What an emergency shortens, and who has to approve one. */
export interface EmergencyPolicy {
  /** Only what is shorter then; `untilMs` is the time of `until`, whose evidence is asked for as always. */
  readonly bake: Partial<Pick<Bake, "settleMs" | "stableMs" | "retryMs">> & {
    readonly untilMs?: number;
  };
  /** Login names. */
  readonly approvers: readonly string[];
  /** May whoever starts it be the one who approves it? */
  readonly starter: boolean;
}

/**
 * `ask`: their region waits for a person. `last`: they go after all others of their region. `stop`:
 * refused before anything is touched.
 */
export type OutlierPolicy = "warn" | "ask" | "last" | "stop";

/** `pause`: the instance is inconclusive. `warn`: it is told, and nothing else comes of it. */
export type EnvelopePolicy = "pause" | "warn" | "off";

/** Who may let a region begin, and how many of them it takes. */
export interface ApprovalRule {
  /** People that it takes. */
  readonly by: number;
  /** Login names; null: anybody. */
  readonly from: readonly string[] | null;
  /** Milliseconds that an approval counts; null: for ever. */
  readonly expiresMs: number | null;
  /** May whoever started the rollout be one of them? */
  readonly starter: boolean;
}

export interface ProtectedPath {
  readonly path: string;
  readonly policy: Policy;
}

export type Policy =
  /** Nothing that was there is deleted; content may change. */
  | { readonly kind: "keep" }
  /** Neither deleted nor changed in content, mode or owner. */
  | { readonly kind: "keep-content" }
  /** May go, must be back within the time; else `recover` runs, in order, and is verified. */
  | {
      readonly kind: "regenerates";
      readonly withinMs: number;
      readonly recover: readonly string[];
    }
  /** Recorded only. */
  | { readonly kind: "may-change" };

/** One thing to do: the kind is a name in the step registry, the args are what that kind's schema gave. */
export interface Work {
  readonly kind: string;
  readonly args: unknown;
}

export type EffectKind = "create" | "change" | "delete";

/** A budget: at most `max` effects of this kind on paths that the glob matches. */
export interface Allowance {
  readonly effect: EffectKind;
  readonly glob: string;
  /** null: as many as there are. */
  readonly max: number | null;
}

/** Something that the static review finds in a step, and why it is meant. */
export interface Acceptance {
  /** The name of the finding. */
  readonly finding: string;
  /** The path that it is about, or the protected one that it comes near; null: whichever. */
  readonly path: string | null;
  readonly reason: string;
}

export interface StepSpec {
  readonly name: string;
  readonly work: Work;
  /** The action's name, for a step that is written as `do: NAME`; `work` is then the action's own. */
  readonly action: string | null;
  readonly undo: Work | null;
  readonly timeoutMs: number;
  /** Further attempts after a failed one; more than 0 only where `idempotent` is true. */
  readonly retries: number;
  readonly onFail: OnFail;
  /** Surfaces that the step can harm. */
  readonly touches: readonly string[];
  readonly allow: readonly Allowance[];
  /** Paths that a `run` or `script` declares to write: snapshotted, and put back on rollback. */
  readonly writes: readonly string[];
  readonly hosts: "all" | "first";
  readonly on: "host" | "controller";
  readonly idempotent: boolean;
  /** A person may not choose to go on without it. */
  readonly required: boolean;
  /** false: this step takes the service out on purpose, so probes wait for a later step or the bake. */
  readonly probes: boolean;
  /** null: the inventory's `become`; "" : none. */
  readonly become: string | null;
  /** false: protected paths stay writable for it, because it starts a daemon that needs them. */
  readonly prevent: boolean;
  /** Absent where the plan accepts nothing, as in the journals of older rollouts. */
  readonly accept?: readonly Acceptance[];
}

export interface ProbeSpec {
  readonly name: string;
  readonly surface: string;
  readonly kind: string;
  readonly args: unknown;
  readonly on: "host" | "controller";
  /** Milliseconds between two looks while baking. */
  readonly intervalMs: number;
  /** So many failing answers, or errors, in a row break a healthy stretch; absent: as health.ts says. */
  readonly failAfter?: number;
  readonly errorAfter?: number;
  /** A pause between two looks may be longer by this share of the interval; absent: a tenth. */
  readonly jitter?: number;
  /** What a reader of the preview must know of it, in words; absent: nothing. */
  readonly caveats?: readonly string[];
}

export interface CheckSpec {
  readonly name: string;
  readonly run: string;
  readonly why: string;
}

export type SecretSource = { readonly command: readonly string[] } | { readonly env: string };
