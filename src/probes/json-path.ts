/** One step down into JSON: the name of a member, or the position of an element (negative: from the end). */
export type JsonStep = string | number;

/** Steps that a path may have. */
const stepsMax = 32;

/**
 * A path to one value: a singular query of RFC 9535 (JSONPath), such as `$.items[0].state`,
 * `$['a name'][-1]`, or `$` for all of it. A string says what is wrong, as the end of a sentence.
 */
export function readJsonPath(text: string): readonly JsonStep[] | string {
  if (!text.startsWith("$")) return 'must begin with "$", such as $.status';
  const steps: JsonStep[] = [];
  let rest = text.slice(1);
  while (rest !== "") {
    const match = stepPattern.exec(rest);
    if (match === null) return `can't be read at "${rest}"; write .name, ['any name'] or [0]`;
    if (steps.length === stepsMax) return `has more than ${stepsMax} steps`;
    const [whole, name, single, double, index] = match;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? (single ?? double ?? "").replace(/\\(.)/g, "$1"));
    rest = rest.slice(whole.length);
  }
  return steps;
}

const stepPattern =
  /^(?:\.([A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*)|\['((?:[^'\\]|\\['\\])*)'\]|\["((?:[^"\\]|\\["\\])*)"\]|\[(-?(?:0|[1-9]\d{0,8}))\])/u;

/** The value there; undefined when there is none. */
export function valueAtJsonPath(value: unknown, steps: readonly JsonStep[]): unknown {
  let node = value;
  for (const step of steps) {
    if (typeof step === "number") {
      if (!Array.isArray(node)) return undefined;
      node = node.at(step);
    } else {
      if (typeof node !== "object" || node === null || Array.isArray(node)) return undefined;
      node = Object.getOwnPropertyDescriptor(node, step)?.value;
    }
  }
  return node;
}
