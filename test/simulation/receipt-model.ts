import type { CommandResult, ReadOnlyHold } from "../../src/ports/guard-command.ts";

/** What a simulated command does on one host. Its script is this, as JSON. */
export interface Doing {
  readonly step: number;
  readonly kind:
    | "good"
    | "deletes"
    /** Works, and deletes a temp file that nobody needs. */
    | "drops"
    | "fails"
    | "hangs"
    | "breaks"
    /** Fails the first time, and works the next. */
    | "stumbles"
    | "restart"
    | "undo"
    | "bad undo";
  readonly takesMs: number;
}

export interface Receipt {
  readonly key: string;
  state: "running" | "done" | "never" | "interrupted";
  result: (CommandResult & { readonly readOnly: ReadOnlyHold }) | null;
  starts: number;
  waiting: (() => void)[];
}

export interface CommandStart {
  readonly receipt: Receipt;
  readonly doing: Doing;
  readonly timeoutMs: number;
  /** Is the protected folder closed to it? */
  readonly held: ReadOnlyHold;
}

export function newReceipt(key: string, state: Receipt["state"]): Receipt {
  return { key, state, result: null, starts: 0, waiting: [] };
}

/** Resolves when this command runs no more. */
export async function endOf(receipt: Receipt): Promise<void> {
  if (receipt.state === "running") await new Promise<void>((woken) => receipt.waiting.push(woken));
}

/** Whoever waits for its end hears of it. */
export function wake(receipt: Receipt): void {
  for (const woken of receipt.waiting.splice(0)) woken();
}
