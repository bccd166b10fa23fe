import type { Change, Effect, EffectClass } from "../effects.ts";
import type { Finding, TreeEffects, Verdict } from "../event.ts";
import type { PathText } from "../path-text.ts";
import type { Allowance, Policy } from "../plan/plan.ts";
import { spendBudgets } from "./budgets.ts";
import { effectClasses, effectsOf } from "./classify.ts";
import { isChurn, someoneElses, toldOfOthers } from "./others.ts";
import { type Ruling, rulings, type Trees } from "./ruling.ts";
import { treePath } from "./tree-path.ts";
import { countedWords, examplesMax, happenedWords, numberWords, placeWords } from "./wording.ts";

export interface JudgeOrder extends Trees {
  /** What differs from the step's snapshot, as far as it was listed. */
  readonly changes: readonly Change[];
  /** All that differs, listed or not. */
  readonly total: number;
  readonly allow: readonly Allowance[];
  /** Paths that were read-only for the step, where the host held them so; absent: none were. */
  readonly readOnly?: readonly string[];
}

/** What a protected tree has lost. */
export interface Missing {
  readonly path: PathText;
  /** Sorted; never empty. */
  readonly missing: readonly PathText[];
}

/** A `regenerates` tree that lost something: it has until `withinMs` to bring it back by itself. */
export interface Awaiting extends Missing {
  readonly withinMs: number;
  /** What to do, in order, when it does not. */
  readonly recover: readonly string[];
}

/**
 * Judges what a step did, policy by policy. `kept` with something in `awaiting` is not an end yet:
 * see `stillMissing`. A comparison that lists less than there was can show that a contract broke,
 * but never that one held. What the tree loses by itself is counted, and nothing else comes of it.
 */
export function judge(order: JudgeOrder): {
  readonly verdict: Verdict;
  readonly awaiting: readonly Awaiting[];
  /** What is gone and nobody demands back: how much of it comes back tells instances apart. */
  readonly letGo: readonly Missing[];
  /** Nothing is missing in them yet: that is known after a while. */
  readonly trees: readonly TreeEffects[];
} {
  const { changes, total, protect } = order;
  const seen = effectsOf(changes);
  const effects = seen.filter((effect) => !isChurn(effect));
  const complete = total <= changes.length;
  const budgets = spendBudgets(effects, order.allow, complete);
  const groups = groupByRuling(effects, rulings(order));
  const isOthers = someoneElses(order.readOnly ?? [], seen);

  const findings: Finding[] = [...budgets.findings];
  const remarks: string[] = [];
  const awaiting: Awaiting[] = [];
  const letGo: Missing[] = [];
  const trees: TreeEffects[] = [];
  const excused = new Set<PathText>();
  for (const [at, { path: text, policy }] of protect.entries()) {
    const tree = treePath(text);
    const group = groups.get(tree) ?? [];
    const undeclared = group.filter((effect) => !budgets.declared.has(effect.path));
    const others = toldOfOthers(policy, tree, undeclared.filter(isOthers));
    const own = others === null ? undeclared : undeclared.filter((effect) => !isOthers(effect));
    const broken = brokenBy(policy, tree, own);
    if (others?.finding) broken.push(others.finding);
    if (others?.remark) {
      remarks.push(others.remark);
      for (const { path } of others.effects) excused.add(path);
    }
    findings.push(...broken);
    if (!complete && broken.length === 0 && policy.kind !== "may-change") {
      findings.push(cutShort(policy, tree, { total, listed: changes.length }));
    }
    const missing = policy.kind === "regenerates" ? undeclared.filter(isGone) : [];
    if (policy.kind === "regenerates" && missing.length > 0) {
      const { withinMs, recover } = policy;
      awaiting.push({ path: tree, withinMs, recover, missing: missing.map(({ path }) => path) });
    }
    const doing = others === null ? group : group.filter((effect) => !isOthers(effect));
    const told = doing.filter((effect) => effect.class !== "touched");
    if (told.length > 0) trees.push({ protect: at, counts: classCounts(told), notBack: 0 });
    const demanded = new Set(missing);
    const gone = doing.filter((effect) => isGone(effect) && !demanded.has(effect));
    if (gone.length > 0) letGo.push({ path: tree, missing: gone.map(({ path }) => path) });
  }
  const is = findings.length === 0 ? "kept" : "broken";
  const counts = countsOf(seen, excused, total - changes.length);
  return { verdict: { is, findings, counts, remarks }, awaiting, letGo, trees };
}

function classCounts(effects: readonly Effect[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { class: kind } of effects) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Is what stood here no longer there, or is something of another type in its place? */
export function isGone(effect: Effect): boolean {
  return effect.class === "deleted" || effect.class === "type-changed";
}

/** The classes that break a policy where no budget declares them. */
export function breakingClasses(policy: Policy): readonly EffectClass[] {
  switch (policy.kind) {
    case "keep":
      return ["deleted", "type-changed"];
    case "keep-content":
      return ["deleted", "type-changed", "content", "metadata"];
    case "regenerates":
    case "may-change":
      return [];
  }
}

function brokenBy(policy: Policy, tree: PathText, own: readonly Effect[]): Finding[] {
  return breakingClasses(policy).flatMap((kind) => {
    const effects = own.filter((effect) => effect.class === kind);
    if (effects.length === 0) return [];
    const message = `${countedWords(effects)} ${happenedWords(kind, effects)} ${placeWords(effects, tree)}, policy ${policy.kind} allows none`;
    return [
      {
        path: tree,
        policy: policy.kind,
        code: "CONTRACT_BROKEN" as const,
        message,
        count: effects.length,
        examples: effects.slice(0, examplesMax),
      },
    ];
  });
}

function cutShort(
  policy: Policy,
  tree: PathText,
  { total, listed }: { readonly total: number; readonly listed: number },
): Finding {
  return {
    path: tree,
    policy: policy.kind,
    code: "CONTRACT_BROKEN",
    message: `${numberWords(total)} paths differ and only ${numberWords(listed)} of them could be listed, so nobody can say that policy ${policy.kind} held for ${tree}`,
    count: total - listed,
    examples: [],
  };
}

function groupByRuling(
  effects: readonly Effect[],
  rulingFor: (path: PathText) => Ruling | null,
): ReadonlyMap<PathText, readonly Effect[]> {
  const groups = new Map<PathText, Effect[]>();
  for (const effect of effects) {
    const ruling = rulingFor(effect.path);
    if (ruling?.kind !== "policy") continue;
    const group = groups.get(ruling.path);
    if (group === undefined) groups.set(ruling.path, [effect]);
    else group.push(effect);
  }
  return groups;
}

/** Each effect counts once, by what it is and whose doing. */
function countsOf(
  effects: readonly Effect[],
  excused: ReadonlySet<PathText>,
  unlisted: number,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const add = (name: string, count: number): void => {
    if (count > 0) counts[name] = count;
  };
  const churned = effects.filter(isChurn);
  for (const kind of effectClasses) {
    const alike = effects.filter((effect) => effect.class === kind && !isChurn(effect));
    add(kind, alike.filter(({ path }) => !excused.has(path)).length);
  }
  add("churned", churned.length);
  add("deleted by others", excused.size);
  add("unlisted", unlisted);
  return counts;
}
