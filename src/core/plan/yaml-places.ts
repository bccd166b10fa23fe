import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Document } from "yaml";
import type { DocumentPath } from "./problem.ts";

/** Offsets in the text of a document, by path. */
export interface Places {
  /** Where the value at this path begins, or the nearest thing around it that is there. */
  readonly valueAt: (path: DocumentPath) => number;
  /** Where the key that ends this path stands. */
  readonly keyAt: (path: DocumentPath) => number;
  /** The scalar as written; null for anything else. */
  readonly written: (path: DocumentPath) => string | null;
  /** Is it a text after `|`, whose lines stand below it as they are? */
  readonly isLiteral: (path: DocumentPath) => boolean;
}

export function placesOf(document: Document): Places {
  const walk = (path: DocumentPath): Walked => walkTo(document, path);
  return {
    valueAt: (path) => startOf(walk(path).node) ?? 0,
    keyAt: (path) => {
      const { node, pair } = walk(path);
      return startOf(pair ?? node) ?? 0;
    },
    written: (path) => {
      const { node, found } = walk(path);
      return found && isScalar(node) ? (node.source ?? null) : null;
    },
    isLiteral: (path) => {
      const { node, found } = walk(path);
      return found && isScalar(node) && node.type === "BLOCK_LITERAL";
    },
  };
}

/** The deepest node on a path, the pair that holds it, and whether the path was walked whole. */
interface Walked {
  readonly node: unknown;
  readonly pair: unknown;
  readonly found: boolean;
}

function walkTo(document: Document, path: DocumentPath): Walked {
  let node: unknown = document.contents;
  let pair: unknown = null;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    let next: unknown;
    if (isMap(node)) {
      const item = node.items.find((one) => isScalar(one.key) && String(one.key.value) === part);
      // What came by a merge (<<) has no place here; the mapping that merges has.
      if (item === undefined) return { node, pair, found: false };
      pair = item;
      next = item.value;
    } else if (isSeq(node) && typeof part === "number") {
      next = node.items[part];
    }
    if (next === undefined || next === null) return { node, pair, found: false };
    node = next;
  }
  return { node, pair, found: true };
}

function startOf(node: unknown): number | null {
  if (isPair(node)) return startOf(node.key);
  // A mapping begins at its first key.
  if (isMap(node) && node.flow !== true) {
    const first = node.items[0];
    if (first !== undefined) return startOf(first);
  }
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
