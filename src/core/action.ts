/**
 * What the runner may be told to do. An action is data: it can be journaled, compared and repeated.
 * Every action may safely be performed again after its runner died, because the host keeps a
 * receipt for each keyed command; `recover` names the one exception.
 */
export type Action =
  /** Read-only: reach every host, read its facts, run the plan's checks. */
  | { readonly kind: "preflight"; readonly instance: string }
  /** Take the hosts' locks, remember marks, see that users are served before anything is touched. */
  | { readonly kind: "begin"; readonly instance: string }
  | { readonly kind: "snapshot"; readonly instance: string; readonly step: number }
  /** The step, its verdict and its probes. `attempt` counts from 1 and names the receipt. */
  | {
      readonly kind: "apply";
      readonly instance: string;
      readonly step: number;
      readonly attempt: number;
    }
  /**
   * Ends what still runs of this step and disarms its switch without putting anything back: the
   * instance waits for a person, who may take hours.
   */
  | { readonly kind: "stand-down"; readonly instance: string; readonly step: number }
  /** Put the step's own snapshot back, so that another attempt begins from firm ground. */
  | { readonly kind: "rewind"; readonly instance: string; readonly step: number }
  | { readonly kind: "bake"; readonly instance: string }
  /** Undo one step and put its snapshot back. */
  | { readonly kind: "revert"; readonly instance: string; readonly step: number }
  /** After a rollback: is everything as before, and are users served? */
  | { readonly kind: "verify"; readonly instance: string }
  /** The rollout is over here: give the locks back, keep or drop the snapshots. */
  | { readonly kind: "release"; readonly instance: string };

/** The same action always has the same id, so an outcome can be told from another's. */
export function actionId(action: Action): string {
  switch (action.kind) {
    case "apply":
      return `${action.instance}/${action.step}/apply/${action.attempt}`;
    case "snapshot":
    case "stand-down":
    case "rewind":
    case "revert":
      return `${action.instance}/${action.step}/${action.kind}`;
    case "preflight":
    case "begin":
    case "bake":
    case "verify":
    case "release":
      return `${action.instance}/${action.kind}`;
  }
}
