import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** HTML that is made; whatever text is in it was escaped. */
export type Markup = HtmlEscapedString;

/** What may stand in a template: text and numbers are escaped, lists are put together. */
export type Piece = Markup | string | number | null | readonly Piece[];

/** A template of HTML: `markup\`<p>${text}</p>\``. Whatever is put in is text, unless it is markup itself. */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const made = html(strings, ...pieces);
  if (made instanceof Promise) throw new Error("a piece of HTML can't be a promise");
  return made;
}

/** Text of our own that is HTML, or goes into an element that knows no escapes: style and script. */
export function trusted(text: string): Markup {
  return raw(text);
}

/** Nothing where there is nothing to say. */
export function when(is: boolean, piece: () => Piece): Piece {
  return is ? piece() : null;
}
