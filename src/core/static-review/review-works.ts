import { plainPath } from "../plan/host-paths.ts";
import type { FileContent, Kinds, ProgramText } from "../plan/kinds.ts";
import type { Plan, StepSpec, Work } from "../plan/plan.ts";
import type { DocumentPath } from "../plan/problem.ts";
import type { Target } from "../plan/reviewed.ts";
import { secretStandIns, substitute, type Variables } from "../variables.ts";
import type { ReviewFinding } from "./finding.ts";
import type { ProtectedGround } from "./protected-ground.ts";

/** Commands of a plan that are looked into, and what they belong to. */
export interface ReviewedWork {
  readonly work: Work;
  /** Where the work is written. */
  readonly path: DocumentPath;
  readonly of: ReviewFinding["of"];
  /** null: of an action that a `recover` names. */
  readonly step: StepSpec | null;
  readonly action: string | null;
}

/** The work of every step, what takes it back, and what recoveries run. */
export function reviewedWorks(
  plan: Plan,
  undoAction: (step: number) => string | null,
): readonly ReviewedWork[] {
  const steps = plan.steps.flatMap((step, at): ReviewedWork[] => {
    const { action, work, undo } = step;
    const path = action === null ? ["steps", at, work.kind] : ["actions", action, work.kind];
    const own: ReviewedWork = { work, path, of: "step", step, action };
    if (undo === null) return [own];
    const by = undoAction(at);
    const undoPath = by === null ? ["steps", at, "undo"] : ["actions", by, undo.kind];
    return [own, { work: undo, path: undoPath, of: "undo", step, action: by }];
  });
  const recover = plan.protect.flatMap(({ policy }) =>
    policy.kind === "regenerates" ? policy.recover : [],
  );
  const actions = [...new Set(recover)].flatMap((name): ReviewedWork[] => {
    const work = Object.hasOwn(plan.actions, name) ? plan.actions[name] : undefined;
    if (work === undefined) return [];
    const path = ["actions", name, work.kind];
    return [{ work, path, of: "recover", step: null, action: name }];
  });
  return [...steps, ...actions];
}

/** What the work runs on a host with these variables; null: nothing whose text the plan has. */
export function programOn(
  work: Work,
  {
    kinds,
    files,
    variables,
  }: { readonly kinds: Kinds; readonly files: FileContent; readonly variables: Variables },
): ProgramText | null {
  const kind = kinds.steps.find((one) => one.name === work.kind);
  if (kind?.program === undefined) return null;
  const args = kind.substitutes ? substitute(work.args, variables) : work.args;
  return kind.program(args, files);
}

/** What the commands of a step are held against on a host. On the controller nothing is protected. */
export function groundOn(plan: Plan, step: StepSpec | null, target: Target): ProtectedGround {
  if (step?.on === "controller") return { protect: [], writes: [], allow: [] };
  const { variables } = target;
  return {
    protect: plan.protect.map(({ path, policy }) => {
      return { path: plainPath(substitute(path, variables)), written: path, policy };
    }),
    writes: substitute(step?.writes ?? [], variables).map(plainPath),
    allow: substitute(step?.allow ?? [], variables),
  };
}

/** The environment of a command: values of the target, and secrets, which stay unknown. */
export function environmentOn(
  plan: Plan,
  { variables }: Target,
): ReadonlyMap<string, string | null> {
  const secrets = Object.keys(secretStandIns(Object.keys(plan.secrets)));
  return new Map<string, string | null>([
    ...Object.entries(variables),
    ...secrets.map((name): [string, null] => [name, null]),
  ]);
}

/** Home of whoever the step runs as, as systems usually have it; null where nobody can tell who. */
export function homeOn(step: StepSpec | null, { host }: Target): string | null {
  if (step?.on === "controller") return null;
  const become = step?.become ?? host.become ?? "";
  const user = become === "" ? host.user : become;
  if (user === null) return null;
  return user === "root" ? "/root" : `/home/${user}`;
}
