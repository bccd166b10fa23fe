import type { Readable, Writable } from "node:stream";
import type { Answer } from "../core/answer.ts";
import type { Failure } from "../core/failure.ts";
import type { Host } from "../core/plan/inventory.ts";

/**
 * A way to reach a host. A transport knows nothing of guards, steps or snapshots: it opens byte
 * channels to one remote command each.
 *
 * A transport MUST refuse an unknown or changed host key, MUST NOT ask anything of a person, MUST
 * notice a dead peer within `keepaliveMs`, and MUST NOT send one command twice by itself.
 */
export interface Transport {
  /** The word in the inventory's `via`. */
  readonly name: string;
  /**
   * Connects and logs in. Everything that goes wrong here is `not-sent`: no command has been given.
   */
  connect(host: Host, options: ConnectOptions): Promise<Answer<Connection>>;
}

export interface ConnectOptions {
  /** Milliseconds for name lookup, TCP, key exchange and login together. */
  readonly timeoutMs: number;
  /** Milliseconds of silence after which a peer that answers no keepalive counts as gone. */
  readonly keepaliveMs: number;
  readonly signal?: AbortSignal;
}

export interface Connection extends AsyncDisposable {
  /**
   * Starts `command` (a line for the login shell on the host) without a terminal. `not-sent` only
   * where it is certain that the host did not get the command.
   */
  open(command: string): Promise<Answer<Channel>>;
}

/** One running remote command. Bytes, never text. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once, never rejects. */
  readonly ended: Promise<ChannelEnd>;
  /** Drops the channel now. The remote command may go on: only the guard can end it. */
  destroy(): void;
}

export type ChannelEnd =
  /** The transport itself vouches for this status. `openssh` can't for 255, and gives `lost`. */
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string }
  /** Connection gone or status ambiguous: what the command did is not known. */
  | { readonly kind: "lost"; readonly failure: Failure };
