import { fill, valueLengthMax, type Variables } from "../variables.ts";

/** What is wrong with one variable: it names another that is not there, or, in the end, itself. */
export interface VariableTrouble {
  readonly variable: string;
  readonly kind: "unknown" | "circle" | "too-long";
  /** The name that is unknown, or the circle written "a → b → a". */
  readonly what: string;
}

/**
 * Variables with the references between them filled in. `given` may name each other and `fixed`,
 * in any order; `fixed` wins and is not looked through. What is in trouble is left out.
 */
export function resolveVars(
  given: Variables,
  fixed: Variables,
): { readonly variables: Variables; readonly troubles: readonly VariableTrouble[] } {
  const resolved = new Map<string, string | null>(Object.entries(fixed));
  const troubles: VariableTrouble[] = [];
  const underWay: string[] = [];

  function resolve(name: string): string | null {
    const known = resolved.get(name);
    if (known !== undefined) return known;
    const text = Object.hasOwn(given, name) ? given[name] : undefined;
    if (text === undefined) return null;
    if (underWay.includes(name)) {
      const circle = [...underWay.slice(underWay.indexOf(name)), name].join(" → ");
      troubles.push({ variable: name, kind: "circle", what: circle });
      resolved.set(name, null);
      return null;
    }
    underWay.push(name);
    let length = text.length;
    const filled = fill(text, (inner) => {
      const value = length > valueLengthMax ? "" : resolve(inner);
      length += value?.length ?? 0;
      return value;
    });
    underWay.pop();
    // A circle through this name has been told already; a second story would confuse.
    if (resolved.get(name) === null) return null;
    for (const unknown of filled.unknown) {
      if (!Object.hasOwn(given, unknown)) {
        troubles.push({ variable: name, kind: "unknown", what: unknown });
      }
    }
    if (length > valueLengthMax) troubles.push({ variable: name, kind: "too-long", what: name });
    const value = filled.unknown.length > 0 || length > valueLengthMax ? null : filled.text;
    resolved.set(name, value);
    return value;
  }

  for (const name of Object.keys(given)) resolve(name);
  const entries = [...resolved].filter((entry): entry is [string, string] => entry[1] !== null);
  return { variables: Object.fromEntries(entries), troubles };
}
