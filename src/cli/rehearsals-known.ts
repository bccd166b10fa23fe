import { HandrailError } from "../core/failure.ts";
import { oneLine } from "../core/printable.ts";
import { type Remembered, rememberedOf } from "../core/rehearsal/remembered.ts";
import type { RehearsedInstance } from "../core/rehearsal/rehearsal.ts";
import type { Io } from "./io.ts";

export interface KnownRehearsals {
  /** Oldest first. */
  readonly found: readonly Remembered[];
  /** What could not be read, in a sentence; null: all could. */
  readonly trouble: string | null;
}

/**
 * What `rehearse` found of a plan with this digest. A state folder that is not there is never made, and
 * what can't be read is told: it is no reason to refuse a preview.
 */
export async function rehearsalsKnown(state: string, digest: string): Promise<KnownRehearsals> {
  const { recallRehearsals } = await import("../journals/rehearsal-files.ts");
  try {
    const { found, unreadable } = await recallRehearsals(state, digest);
    const files = unreadable === 1 ? "1 file" : `${unreadable} files`;
    const trouble =
      unreadable === 0 ? null : `${files} of earlier rehearsals can't be read: rehearse again`;
    return { found, trouble };
  } catch (error) {
    if (!(error instanceof HandrailError)) throw error;
    return { found: [], trouble: oneLine(error.failure.message) };
  }
}

/** Keeps what was found for later previews; what it can't keep is told, and changes nothing else. */
export async function keepRehearsal(
  state: string,
  instances: readonly RehearsedInstance[],
  { io, ...of }: Pick<Remembered, "digest" | "at" | "network"> & { readonly io: Io },
): Promise<void> {
  const { rememberRehearsals } = await import("../journals/rehearsal-files.ts");
  try {
    await rememberRehearsals(state, rememberedOf(instances, of));
  } catch (error) {
    if (!(error instanceof HandrailError)) throw error;
    io.stderr.write(
      `A preview will not know of this rehearsal: ${oneLine(error.failure.message)}\n  next: ${oneLine(error.failure.hint)}\n`,
    );
  }
}
