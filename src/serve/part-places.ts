import { type Markup, markup, trusted } from "../views/html/markup.ts";
import type { Part } from "./live-source.ts";

/** The place of a part within another one, which is sent without it: the page keeps what it has there. */
export function partPlace(id: string): Markup {
  return markup`<div data-part="${id}" data-kept></div>`;
}

/** Parts side by side, each where a script finds it; a part that has its place in another one stands there. */
export function partsMarkup(parts: readonly Part[]): Markup {
  const byId = new Map(parts.map((part) => [part.id, part]));
  const placed = new Set<string>();
  const filled = parts.map(({ id, html }) => {
    const whole = html.replace(placePattern, (place, name: string) => {
      const part = byId.get(name);
      if (part === undefined) return place;
      placed.add(name);
      return wrapped(name, part.html);
    });
    return [id, wrapped(id, whole)] as const;
  });
  return trusted(filled.map(([id, html]) => (placed.has(id) ? "" : html)).join("\n"));
}

/** What `partPlace` makes. Text of hosts can't look so: its angle brackets are escaped. */
const placePattern = /<div data-part="([\w-]+)" data-kept><\/div>/g;

function wrapped(id: string, html: string): string {
  return `<div data-part="${id}">${html}</div>`;
}
