import { shown } from "../core/printable.ts";
import { parts as partNames } from "../views/html/body.ts";
import { type Markup, markup } from "../views/html/markup.ts";
import { patterns } from "../views/html/strip.ts";
import type { Shot } from "./live-source.ts";
import { partsMarkup } from "./part-places.ts";

export interface PageOptions {
  /** `/PLACE/`. */
  readonly root: string;
  /** What requests that change something bring along; null: the page only looks. */
  readonly page: string | null;
  readonly beatMs: number;
  /** The server's clock, milliseconds since 1970. */
  readonly nowMs: number;
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
  const first = new Set(["waits", "actions"]);
  const empty = new Set(shot.parts.filter(({ html }) => html === "").map((part) => part.id));
  const links = partNames
    .filter(([part]) => !empty.has(part))
    .map(([part, name]) => markup`<li><a href="#${part}">${name}</a></li>`);
  const named = (wanted: (name: string) => boolean): Markup =>
    partsMarkup(shot.parts.filter((it) => wanted(it.id)));
  return live(shot, {
    ...options,
    at: `${options.root}rollouts/${encodeURIComponent(id)}/`,
    nav: markup`<ul><li><a href="${options.root}">All rollouts</a></li>${links}</ul>`,
    content: markup`${patterns()}${named((it) => it === "outcome")}<main id="main">${named((it) => first.has(it))}<p id="answer" role="status" tabindex="-1"></p>${named((it) => it !== "outcome" && !first.has(it))}</main>`,
  });
}

interface Around extends PageOptions {
  /** Where its events are, and where wishes go. */
  readonly at: string;
  readonly nav: Markup;
  readonly content: Markup;
}

function live(shot: Shot, { root, page, beatMs, nowMs, at, nav, content }: Around): string {
  const mark = page === null ? null : markup`<meta name="handrail-page" content="${page}">\n`;
  const made = markup`<!doctype html>
<html lang="en">
<head>
${headMarkup(shot.title, root)}${mark}<script src="${root}report.js" defer></script>
<script src="${root}live.js" defer></script>
</head>
<body data-line="live" data-events="${at}events" data-wishes="${at}wishes" data-version="${shot.version}" data-beat="${beatMs}" data-now="${nowMs}" data-says="${shot.says}" data-last="${shot.lastAt}">
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

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 13 L14 5" stroke="#1a7f37" stroke-width="3" stroke-linecap="round"/><path d="M4 12v3M8 9.5V15M12 7v8" stroke="#57606a" stroke-width="1.6"/></svg>`;
