import { duration } from "../../core/duration-words.ts";
import type { Picture, PictureHead } from "../picture/picture.ts";
import { zoneTime } from "../times.ts";
import { grouped, listed } from "../wording.ts";
import { sign, surfaceBadge } from "./looks.ts";
import { type Markup, markup, type Piece, when } from "./markup.ts";
import { isoOf, moment, timeOfDay } from "./times-markup.ts";

/** What the rollout came to, in letters that are seen from afar, and which rollout it is. */
export function head(picture: Picture): Markup {
  const { head: it, fates } = picture;
  const took = it.tookMs === null ? null : markup` <small>after ${duration(it.tookMs)}</small>`;
  return markup`<header class="outcome tone-${it.tone}">
<p class="word"><span aria-hidden="true">${it.sign}</span> ${it.word}${took}</p>
<p class="says">${capital(it.says)}</p>
${usersNow(picture)}
<h1>${it.plan}${when(it.summary !== "", () => markup`: <span class="summary">${it.summary}</span>`)}</h1>
${when(it.emergency.length > 0, () => markup`<p class="emergency"><strong>EMERGENCY</strong></p><ul>${it.emergency.map((each) => markup`<li>${each}</li>`)}</ul>`)}
<ul class="fates" aria-label="Instances">${fates.map(
    (fate) =>
      markup`<li class="look-${fate.look}"><span class="count">${sign(fate.look)}${grouped(fate.count)}</span> <span>${fate.words}</span><br><span class="quiet">${fate.who}</span></li>`,
  )}</ul>
<dl class="facts">${facts(it).map(([name, value]) => markup`<div${name === "begun there" ? markup` class="wide"` : null}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

/** How users are, surface by surface, on all instances together. */
function usersNow({ surfaces }: Picture): Piece {
  if (surfaces.length === 0) return null;
  const askedMs = surfaces.reduce((last, it) => Math.max(last, it.askedMs), 0);
  const badges = surfaces.map(({ surface, now, nowOn }) => {
    const on = nowOn.length === 0 ? null : ` on ${listed(nowOn)}`;
    return markup`${surfaceBadge(surface, now)}${on} `;
  });
  return markup`<p class="users-now"><strong>Users now:</strong> ${badges}<span class="quiet">last asked ${timeOfDay(askedMs)}</span></p>`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function facts(it: PictureHead): readonly (readonly [string, Piece])[] {
  const places = it.timezones.flatMap((zone) => {
    const there = it.beganMs === null ? null : zoneTime(isoOf(it.beganMs), zone);
    return there === null ? [] : [there];
  });
  const began = it.beganMs === null ? "not known" : moment(it.beganMs);
  return [
    ["rollout", markup`<code>${it.rollout}</code>`],
    ["inventory", `${it.inventory}${it.production ? " (production)" : ""}`],
    ["begun by", it.by ?? "not known"],
    ["begun", began],
    ...(it.lastMs === null ? [] : [["last record", moment(it.lastMs)] as const]),
    ["exit code", it.exit === null ? "none yet: it is under way" : String(it.exit)],
    ["handrail", it.tool ?? "not known"],
    ["digest", markup`<code>${it.digest}</code>`],
    ...(places.length === 0
      ? []
      : [["begun there", markup`<span class="zone">${places.join(" · ")}</span>`] as const]),
  ];
}
