import type { Finding, Note } from "../core/event.ts";

interface Switch {
  readonly instance: string;
  readonly host: string;
  readonly step: number;
}

interface Attempt extends Switch {
  readonly attempt: number;
}

/**
 * What the journal says already, by this runner or an earlier one. A question that is put again finds
 * the same receipts: what they say is not told twice.
 */
export class Told {
  readonly #said = new Set<string>();
  readonly #armed = new Set<string>();
  /** By attempt: what verdicts have found. */
  readonly #found = new Map<string, readonly Finding[]>();

  /** Whether this note says something new; from now on it does not. */
  isNew(note: Note): boolean {
    const { instance, host = instance } = note;
    switch (note.kind) {
      case "step.started":
      case "step.finished":
        return this.#once([note.kind, instance, host, note.step, note.attempt]);
      case "remark":
        return this.#once([note.kind, instance, host, note.text]);
      case "guard.armed":
        return add(this.#armed, keyOf({ instance, host, step: note.step }));
      case "guard.disarmed":
        return this.#armed.delete(keyOf({ instance, host, step: note.step }));
      case "guard.fired":
        this.#armed.delete(keyOf({ instance, host, step: note.step }));
        return this.#once([note.kind, instance, host, note.step, note.firedAt]);
      case "verdict": {
        const { step, attempt, verdict } = note;
        if (attempt !== undefined && verdict.is === "broken")
          this.#found.set(attemptOf({ instance, host, step, attempt }), verdict.findings);
        return true;
      }
      case "snapshot.taken":
      case "probe":
      case "recovery":
      case "restored":
      case "mark":
      case "bake.stage":
      case "retrying":
      case "host.facts":
      case "baseline":
      case "baseline.compared":
      case "control.compared":
      case "bake.evidence":
        return true;
    }
  }

  isArmed(it: Switch): boolean {
    return this.#armed.has(keyOf(it));
  }

  /**
   * What a verdict found on this attempt before; empty: nothing. By the next look the application, or a
   * recovery, may have mended it: that does not make the step good.
   */
  found(it: Attempt): readonly Finding[] {
    return this.#found.get(attemptOf(it)) ?? [];
  }

  #once(words: readonly (string | number)[]): boolean {
    return add(this.#said, JSON.stringify(words));
  }
}

function keyOf({ instance, host, step }: Switch): string {
  return JSON.stringify([instance, host, step]);
}

function attemptOf({ instance, host, step, attempt }: Attempt): string {
  return JSON.stringify([instance, host, step, attempt]);
}

function add(known: Set<string>, key: string): boolean {
  if (known.has(key)) return false;
  known.add(key);
  return true;
}
