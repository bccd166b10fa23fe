import { duration } from "../../core/duration-words.ts";
import type { Picture, PictureHead } from "../picture/picture.ts";
import { zoneTime } from "../times.ts";
import { grouped } from "../wording.ts";
import { sign } from "./looks.ts";
import { type Markup, markup, type Piece, when } from "./markup.ts";
import { isoOf, moment } from "./times-markup.ts";

/** What the rollout came to, in letters that are seen from afar, and which rollout it is. */
export function head({ head: it, fates }: Picture): Markup {
  const took = it.tookMs === null ? "" : ` after ${duration(it.tookMs)}`;
  return markup`<header class="outcome tone-${it.tone}">
<p class="word"><span aria-hidden="true">${it.sign}</span> ${it.word}</p>
<h1>${it.plan}</h1>
<p class="says">${capital(it.says)}${took}.</p>
${when(it.summary !== "", () => markup`<p class="summary">${it.summary}</p>`)}
<ul class="fates" aria-label="Instances">${fates.map(
    (fate) =>
      markup`<li class="look-${fate.look}"><span class="count">${sign(fate.look)}${grouped(fate.count)}</span> <span>${fate.words}</span><br><span class="quiet">${fate.who}</span></li>`,
  )}</ul>
<dl class="facts">${facts(it).map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function facts(it: PictureHead): readonly (readonly [string, Piece])[] {
  const places = it.timezones.flatMap((zone) => {
    const there = it.beganMs === null ? null : zoneTime(isoOf(it.beganMs), zone);
    return there === null ? [] : [there];
  });
  return [
    ["rollout", markup`<code>${it.rollout}</code>`],
    ["inventory", `${it.inventory}${it.production ? " (production)" : ""}`],
    ["by", it.by ?? "not known"],
    ...(it.beganMs === null ? [] : [["begun", moment(it.beganMs)] as const]),
    ...(places.length === 0
      ? []
      : [["that is", markup`<span class="zone">${places.join(" · ")}</span>`] as const]),
    ...(it.lastMs === null ? [] : [["last record", moment(it.lastMs)] as const]),
    ["exit code", it.exit === null ? "none yet: it is under way" : String(it.exit)],
    ["digest", markup`<code>${it.digest}</code>`],
    ["handrail", it.tool ?? "not known"],
  ];
}
