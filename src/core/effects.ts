import type { PathText } from "./path-text.ts";

export type EntryType = "file" | "folder" | "link" | "fifo" | "socket" | "device";

/** What a stat says of one path. Never follows a link. */
export interface Entry {
  readonly type: EntryType;
  /** Permission bits incl. setuid, setgid, sticky: four octal digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; 0 for anything but files and links. */
  readonly size: number;
  /** Seconds with nanoseconds, as text, because a double can't hold them: "1700000000.123456789". */
  readonly mtime: string;
  readonly ctime: string;
  readonly inode: string;
}

/** One path that differs between the snapshot and now. Exactly one of `before` and `after` may be null. */
export interface Change {
  readonly path: PathText;
  readonly before: Entry | null;
  readonly after: Entry | null;
  /** Both are files of equal size, or both links: is what they hold equal byte for byte? null: not asked. */
  readonly sameContent: boolean | null;
  /**
   * It is gone, and the tree was losing such entries by itself before the step, as many in that
   * time: see docs/churn.md for the rule. Never true for anything but a deletion.
   */
  readonly churn: boolean;
}

/** What became of one path between a snapshot and a later look. */
export type EffectClass =
  | "deleted"
  | "created"
  | "content"
  | "metadata"
  | "type-changed"
  /** Another inode with the same content and metadata: whoever held it open holds the old one. */
  | "replaced"
  /** Only times differ: noise for every policy. */
  | "touched";

export interface Effect {
  readonly path: PathText;
  readonly class: EffectClass;
  /** Bytes before, for what was deleted or changed. */
  readonly size: number;
  readonly change: Change;
}

/** One tree to snapshot before a step. */
export interface SnapshotPath {
  /** Absolute. May be a file, a folder, or not there at all (which is then what is recorded). */
  readonly path: PathText;
  /** false: only the manifest is kept (`may-change`), content can't be put back. */
  readonly content: boolean;
}

/** How far one tree goes back to what the snapshot holds. The nearest rule above a path counts. */
export interface RestoreRule {
  readonly path: PathText;
  /**
   * `leave`: nothing goes back.
   * `deleted`: what is gone comes back, and what has become another type; nothing else is touched.
   *   What the tree loses by itself (`Change.churn`) stays gone.
   * `changed`: also content, mode, owner and times; what was created stays.
   * `exactly`: also what was created goes.
   * `made`: says nothing of what is in the folder; the folder itself, where it was not there, goes
   * when nothing is left in it. May stand beside another rule for the same path.
   */
  readonly how: "leave" | "deleted" | "changed" | "exactly" | "made";
}
