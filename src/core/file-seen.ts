import type { PathText } from "./path-text.ts";

/** One path of which a look tells what stands there. */
export interface FileToSee {
  /** Absolute, as a plan writes it. */
  readonly path: string;
  /** Bytes of content that may be sent, and whether a folder's entries are counted; 0: neither. */
  readonly bytesMax: number;
  /** What it may hold already: then nothing of it is sent. null: it is sent whatever it is. */
  readonly wanted: { readonly size: number; readonly sha256: string } | null;
}

/** Whose a file is and who may do what with it. */
export interface Rights {
  /** Four octal digits. */
  readonly mode: string;
  /** `user:group` by number; null: not known beforehand. */
  readonly ids: string | null;
  /** The same by name, as that host calls them; null: not known beforehand. */
  readonly owner: string | null;
}

/** What stands at a path. Never found through a link: what is behind one is another file. */
export type FileSeen =
  /** `missing`: the first part of the path that is not there. */
  | { readonly is: "absent"; readonly missing: PathText }
  /** A part of the path above it is a link. */
  | { readonly is: "led"; readonly at: PathText }
  /** Nobody can tell; `why` is the end of a sentence. */
  | { readonly is: "unknown"; readonly why: string }
  | ({
      readonly is: "file";
      readonly size: number;
      /** Is it what was wanted? null: nothing was, or it could not be read. */
      readonly same: boolean | null;
      /** null: it was not sent; `why` says why, as the end of a sentence. */
      readonly content: Uint8Array | null;
      readonly why: string;
    } & Rights)
  | ({
      readonly is: "folder";
      /** With itself; 0: not counted. */
      readonly entries: number;
      readonly bytes: number;
      /** Counting ended at a bound: there is more. */
      readonly unfinished: boolean;
      /** File systems that begin below it. */
      readonly mounts: number;
      /** Some of the names below it, sorted. */
      readonly names: readonly PathText[];
    } & Rights)
  | { readonly is: "link"; readonly to: PathText }
  /** A fifo, a socket or a device, in the host's words. */
  | { readonly is: "other"; readonly what: string };
