import { distance } from "fastest-levenshtein";
import { quoted, quotedList } from "./quoted.ts";

/** Names longer than this are compared by their beginning only. */
const comparedMax = 64;

/** `did you mean "to"?` when a known name is near enough to be meant; else null. */
export function nearest(given: string, known: Iterable<string>): string | null {
  const best = nearestName(given, known);
  return best === null ? null : `did you mean ${quoted(best)}?`;
}

/** The known name that is near enough to be meant; else null. */
export function nearestName(given: string, known: Iterable<string>): string | null {
  const name = given.slice(0, comparedMax);
  let best: string | null = null;
  // A third of the letters may differ: "bake_first" finds "bakeFirst", "x" finds nothing.
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  const swapped = withNeighboursSwapped(name);
  for (const candidate of known) {
    const far = Math.min(
      distance(name, candidate),
      distance(plain(name), plain(candidate)) + 0.5,
      // Two letters in each other's place are one slip, not two.
      swapped.includes(candidate) ? 1 : Infinity,
    );
    if (far < bestDistance) [best, bestDistance] = [candidate, far];
  }
  return best;
}

/** The nearest name, or else all that there are: `there are "apac" and "cn"`. */
export function nearestOrAll(given: string, known: Iterable<string>): string | null {
  const names = [...known];
  const near = nearest(given, names);
  if (near !== null) return near;
  if (names.length === 0) return null;
  return `${names.length === 1 ? "there is only" : "there are"} ${quotedList(names)}`;
}

function withNeighboursSwapped(name: string): readonly string[] {
  return Array.from({ length: Math.max(0, name.length - 1) }, (_, at) => {
    return `${name.slice(0, at)}${name[at + 1]}${name[at]}${name.slice(at + 2)}`;
  });
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_. ]/g, "");
}
