import { createHash } from "node:crypto";
import { shown } from "../core/printable.ts";
import { type Markup, markup, trusted, when } from "../views/html/markup.ts";
import type { Refused } from "./guard-rails.ts";

export interface RefusedOptions {
  /** `/PLACE/`; null: whoever asked has not named it, and gets nothing that leads there. */
  readonly root: string | null;
}

/** Its own looks, as it may not name the place where those of the other pages are. */
const style = `
:root { color-scheme: light dark; --ink: #1f2328; --quiet: #57606a; --ground: #ffffff; --card: #f6f8fa; --line: #d0d7de; --link: #0550ae; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #9da7b3; --ground: #0d1117; --card: #161b22; --line: #30363d; --link: #79b8ff; --bad: #ff7b72; } }
body { margin: 0; padding: 8vh 1rem 2rem; background: var(--ground); color: var(--ink); font: 1.05rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 40rem; margin: 0 auto; padding: .4rem 1.6rem 1rem; background: var(--card); border: 1px solid var(--line); border-top: 6px solid var(--bad); border-radius: 8px; }
.status { color: var(--quiet); margin-bottom: 0; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: .2rem 0 1rem; }
h2 { font-size: 1.05rem; margin-bottom: 0; }
h2 + p { margin-top: .2rem; }
a { color: var(--link); }
code { font: .95em ui-monospace, monospace; }
#answer:empty { display: none; }
`;

/** What the policy of such a page must allow: this very style and no other (CSP 3, §2.3.1). */
export const refusedStyle = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

const names: Partial<Readonly<Record<Refused["status"], string>>> = {
  401: "Not opened yet",
  404: "Not found",
  500: "Gone wrong",
};

/**
 * What a person sees whose request is not answered, with what to do next. A stranger reads it, too: so no path, no
 * rollout and no other name of this machine stands in it.
 */
export function refusedPage({ status, says, next }: Refused, { root }: RefusedOptions): string {
  const opens = status === 401 && root !== null;
  const title = names[status] ?? "Refused";
  const made = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: Handrail</title>
<style>${trusted(style)}</style>
${when(root !== null, () => markup`<link rel="icon" href="${root}icon.svg">\n`)}${when(opens, () => markup`<script src="${root}open.js" defer></script>\n`)}</head>
<body data-session="${opens ? `${root}session` : ""}">
<main id="main"><p class="status">${title} (${status})</p>
<h1>${sentence(says)}</h1>
<h2>What to do next</h2>
<p>${sentence(next)}.</p>
${when(opens, () => markup`<noscript><p>It opens with JavaScript only: that part of the address is read by a script, because browsers send it to no server.</p></noscript>\n`)}${when(root !== null && !opens, () => markup`<p><a href="${root}">All rollouts</a></p>\n`)}<p id="answer" role="alert"></p></main>
</body>
</html>
`;
  return shown(made.toString());
}

/** What stands between backticks is something to type. */
function sentence(text: string): Markup {
  const said = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  const pieces = said.split("`");
  if (pieces.length % 2 === 0) return markup`${said}`;
  return markup`${pieces.map((piece, index) => (index % 2 === 0 ? piece : markup`<code>${piece}</code>`))}`;
}
