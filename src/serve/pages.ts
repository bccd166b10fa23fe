import { shown } from "../core/printable.ts";
import { parts as partNames } from "../views/html/body.ts";
import { type Markup, markup } from "../views/html/markup.ts";
import { patterns } from "../views/html/strip.ts";
import type { Refused } from "./guard-rails.ts";
import type { Shot } from "./live-source.ts";
import { partsMarkup } from "./part-places.ts";

export interface PageOptions {
  /** `/PLACE/`. */
  readonly root: string;
  /** What requests that change something bring along; null: the page only looks. */
  readonly page: string | null;
  readonly beatMs: number;
}

/** The list of rollouts. */
export function listPage(shot: Shot, options: PageOptions): string {
  return live(shot, {
    ...options,
    at: options.root,
    nav: markup`<ul><li>Rollouts</li></ul>`,
    content: markup`<main id="main"><h1>Rollouts</h1>${partsMarkup(shot.parts)}</main>`,
  });
}

/** One rollout, as a report shows it. */
export function rolloutPage(id: string, shot: Shot, options: PageOptions): string {
  const links = partNames.map(([part, name]) => markup`<li><a href="#${part}">${name}</a></li>`);
  const named = (wanted: (name: string) => boolean): Markup =>
    partsMarkup(shot.parts.filter((it) => wanted(it.id)));
  return live(shot, {
    ...options,
    at: `${options.root}rollouts/${encodeURIComponent(id)}/`,
    nav: markup`<ul><li><a href="${options.root}">All rollouts</a></li>${links}</ul>`,
    content: markup`${patterns()}${named((it) => it === "outcome")}<main id="main">${named((it) => it === "actions")}<p id="answer" role="status" tabindex="-1"></p>${named((it) => it !== "outcome" && it !== "actions")}</main>`,
  });
}

interface Around extends PageOptions {
  /** Where its events are, and where wishes go. */
  readonly at: string;
  readonly nav: Markup;
  readonly content: Markup;
}

function live(shot: Shot, { root, page, beatMs, at, nav, content }: Around): string {
  const mark = page === null ? null : markup`<meta name="handrail-page" content="${page}">\n`;
  const made = markup`<!doctype html>
<html lang="en">
<head>
${headMarkup(shot.title, root)}${mark}<script src="${root}report.js" defer></script>
<script src="${root}live.js" defer></script>
</head>
<body data-line="live" data-events="${at}events" data-wishes="${at}wishes" data-version="${shot.version}" data-beat="${beatMs}" data-says="${shot.says}" data-last="${shot.lastAt}">
<a class="skip" href="#main">To the content</a>
<nav aria-label="This page">${nav}<span class="line" id="line">Live</span></nav>
<p class="lost" id="lost" role="status" hidden></p>
<noscript><p class="lost">Without JavaScript this page shows the moment in which it was loaded, and nothing can be asked from it.</p></noscript>
<p class="unseen" id="alarm" role="alert"></p><p class="unseen" id="news" role="status"></p>
${content}
</body>
</html>
`;
  return shown(made.toString());
}

function headMarkup(title: string, root: string): Markup {
  return markup`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${root}icon.svg">
<link rel="stylesheet" href="${root}style.css">
`;
}

/**
 * What a person sees whose request is not answered, with what to do about it. `root` null: the request
 * did not name the place, and gets nothing that leads there.
 */
export function refusedPage({ status, says, next }: Refused, root: string | null): string {
  const opens = status === 401 && root !== null;
  const script = opens ? markup`<script src="${root}open.js" defer></script>\n` : null;
  const back = root === null || opens ? null : markup`<p><a href="${root}">All rollouts</a></p>\n`;
  const made = markup`<!doctype html>
<html lang="en">
<head>
${root === null ? plainHead : headMarkup("Handrail: not shown", root)}${script}</head>
<body data-session="${opens ? `${root}session` : ""}">
<main id="main"><h1>${withCode(says.slice(0, 1).toUpperCase() + says.slice(1))}</h1>
<p>Next: ${withCode(next)}.</p>
${back}<p id="answer" role="status"></p></main>
</body>
</html>
`;
  return shown(made.toString());
}

/** What stands between backticks is something to type. */
function withCode(text: string): Markup {
  const pieces = text.split("`");
  if (pieces.length % 2 === 0) return markup`${text}`;
  return markup`${pieces.map((piece, index) => (index % 2 === 0 ? piece : markup`<code>${piece}</code>`))}`;
}

const plainHead = markup`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Handrail: not here</title>
`;

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 13 L14 5" stroke="#1a7f37" stroke-width="3" stroke-linecap="round"/><path d="M4 12v3M8 9.5V15M12 7v8" stroke="#57606a" stroke-width="1.6"/></svg>`;
