import type { Note } from "../core/event.ts";

interface Switch {
  readonly instance: string;
  readonly host: string;
  readonly step: number;
}

/**
 * What the journal says already, by this runner or an earlier one. A question that is put again finds
 * the same receipts: what they say is not told twice.
 */
export class Told {
  readonly #said = new Set<string>();
  readonly #armed = new Set<string>();

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
      case "snapshot.taken":
      case "verdict":
      case "probe":
      case "recovery":
      case "restored":
      case "mark":
      case "retrying":
        return true;
    }
  }

  isArmed(it: Switch): boolean {
    return this.#armed.has(keyOf(it));
  }

  #once(words: readonly (string | number)[]): boolean {
    return add(this.#said, JSON.stringify(words));
  }
}

function keyOf({ instance, host, step }: Switch): string {
  return JSON.stringify([instance, host, step]);
}

function add(known: Set<string>, key: string): boolean {
  if (known.has(key)) return false;
  known.add(key);
  return true;
}
