/** One line of the tree. */
export interface TreeRow {
  /** The same for the same thing in every drawing. */
  readonly key: string;
  readonly look: TreeLook;
  /** Safe to print, without colour. */
  readonly title: string;
  readonly children: readonly TreeRow[];
}

export type TreeLook =
  /** Its turn comes later. */
  | "waiting"
  | "running"
  /** Being taken back. */
  | "back"
  /** Waits for a person. */
  | "paused"
  /** Was running when the view ended. */
  | "stopped"
  | "good"
  | "bad"
  /** Will not be touched; the title says why. */
  | "skipped";
