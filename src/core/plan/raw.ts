import type { DocumentPath } from "./problem.ts";

/** For a list that lost entries: where each of the rest stood in the document. */
const positions = new WeakMap<readonly unknown[], readonly number[]>();

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at this path; undefined when there is none. Inherited properties are never seen. */
export function valueAt(value: unknown, path: DocumentPath): unknown {
  let node = value;
  for (const part of path) {
    if (typeof node !== "object" || node === null) return undefined;
    node = Object.getOwnPropertyDescriptor(node, part)?.value;
  }
  return node;
}

/** A mapping's own value under this key, as a list; anything else is an empty list. */
export function listAt(value: unknown, key: string): readonly unknown[] {
  const list = valueAt(value, [key]);
  return Array.isArray(list) ? list : [];
}

/** The keys of the mapping at this key; none when there is no mapping. */
export function keysAt(value: unknown, key: string): readonly string[] {
  const mapping = valueAt(value, [key]);
  return isMapping(mapping) ? Object.keys(mapping) : [];
}

/** A copy without the entry at this path. Lists remember where the rest of them stood. */
export function removeAt(value: unknown, path: DocumentPath): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(value) && typeof first === "number") {
    const before = positions.get(value) ?? value.map((_, index) => index);
    const copy: unknown[] = [...value];
    if (rest.length > 0) copy[first] = removeAt(copy[first], rest);
    else copy.splice(first, 1);
    positions.set(copy, rest.length > 0 ? before : before.toSpliced(first, 1));
    return copy;
  }
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (key !== String(first)) return [[key, inner]];
    return rest.length > 0 ? [[key, removeAt(inner, rest)]] : [];
  });
  return Object.fromEntries(entries);
}

/** The path in the document of what stands at this path after removals. */
export function originOf(value: unknown, path: DocumentPath): DocumentPath {
  let node = value;
  return path.map((part) => {
    const holder = node;
    node = valueAt(holder, [part]);
    if (!Array.isArray(holder) || typeof part !== "number") return part;
    return positions.get(holder)?.[part] ?? part;
  });
}
