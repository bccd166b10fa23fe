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

/** One path to bring back to what the snapshot holds. Parents that are missing come back first. */
export interface RestoreItem {
  readonly path: PathText;
  /**
   * `create`: only if nothing is there now, else it is a conflict and stays.
   * `replace`: put the snapshot's copy in place of whatever is there (atomic for files).
   * `metadata`: mode, owner and times only.
   * `remove`: the snapshot says that nothing was here; remove what is (a folder only if empty).
   */
  readonly how: "create" | "replace" | "metadata" | "remove";
}
