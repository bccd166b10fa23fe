import { duration } from "../../core/duration-words.ts";
import { asCalled } from "../as-called.ts";
import type { Incident } from "../incidents.ts";
import type { Picture } from "../picture/picture.ts";
import { surfaceWords } from "../surfaces.ts";
import { counted, listed } from "../wording.ts";
import { anchor, surfaceBadge } from "./looks.ts";
import { type Markup, markup, type Piece, when } from "./markup.ts";
import { timeOfDay } from "./times-markup.ts";

/** What went wrong, where, since when, what was done, how users are now, and what to type next. */
export function failurePanel(picture: Picture, program: string): Markup {
  const { head, stories, moreStories, takenBackWith } = picture;
  const fine = stories.length === 0;
  return markup`<section id="what-happened" aria-labelledby="h-happened">
<h2 id="h-happened">${fine ? "What happened" : "What went wrong"}</h2>
${when(fine, () => markup`<p class="card">Nothing went wrong${head.rule === null ? "" : " on any instance"}.</p>`)}
${stories.slice(0, openMax).map((it) => story(it, program))}
${when(
  stories.length > openMax,
  () =>
    markup`<details class="card" id="stories"><summary>And ${counted(stories.length - openMax, "more instance")}: ${listed(stories.slice(openMax).map((it) => it.instance))}</summary>${stories.slice(openMax).map((it) => story(it, program))}</details>`,
)}
${when(
  moreStories.length > 0,
  () =>
    markup`<details class="card" id="more-stories"><summary>And ${counted(moreStories.length, "more instance")}</summary><ul>${moreStories.map((it) => markup`<li><a href="#${anchor("instance", it.instance)}">${it.instance}</a>: ${it.failure.message}</li>`)}</ul></details>`,
)}
${when(
  takenBackWith.length > 0,
  () =>
    markup`<p class="card">Taken back with it: ${listed(takenBackWith, 20)}. Nothing was wrong there; as before, verified.</p>`,
)}
${when(
  head.rule !== null,
  () =>
    markup`<p class="card"><strong>The rule that halted it:</strong> ${head.rule}. No new work was begun after that.</p>`,
)}
${when(head.stoppedBecause !== null, () => markup`<p class="card tone-warning">${head.stoppedBecause}</p>`)}
${next(picture)}
</section>`;
}

/** Stories that are not folded: what to type next must not be far. */
const openMax = 3;

/** Lines of host output that are shown with a failure. */
const detailLinesMax = 40;

function story(it: Incident, program: string): Markup {
  const where = it.step === null ? "" : `, at step ${it.step.number} “${it.step.name}”`;
  const tone = it.as === null ? "warning" : "bad";
  return markup`<article class="card story tone-${tone}">
<h3><span aria-hidden="true">${tone === "bad" ? "✖" : "‖"}</span> <a href="#${anchor("instance", it.instance)}">${it.instance}</a> <span class="quiet">(${it.region})</span>: ${it.as ?? "neither good nor bad"}${where}</h3>
<p class="lead">${it.failure.message}</p>
<p class="hint"><span aria-hidden="true">→</span> ${asCalled(it.failure.hint, program)} <code class="quiet">${it.failure.code}</code></p>
<dl class="facts">${facts(it).map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${detail(it.failure.detail)}
</article>
`;
}

function facts(it: Incident): readonly (readonly [string, Piece])[] {
  const since = it.harmAt ?? it.detectedAt;
  const at = (told: string): Markup => timeOfDay(Date.parse(told), it.timezone);
  const hosts = it.failure.host === undefined ? "" : `, host ${it.failure.host}`;
  const path = it.failure.path === undefined ? null : markup`, <code>${it.failure.path}</code>`;
  return [
    ["where", markup`${it.instance}, region ${it.region}${hosts}${path}`],
    ...(since === null ? [] : [["since", at(since)] as const]),
    ...(it.detectedAt === null
      ? []
      : [["seen", markup`${at(it.detectedAt)}${later(it.timeToDetectMs)}`] as const]),
    ...(it.recoveredAt === null
      ? []
      : [["as before", markup`${at(it.recoveredAt)}${later(it.timeToRecoverMs)}`] as const]),
    ...(it.done.length === 0
      ? []
      : [
          [
            "done about it",
            markup`<ul>${it.done.map((each) => markup`<li>${each}</li>`)}</ul>`,
          ] as const,
        ]),
    ["users now", users(it)],
  ];
}

function later(ms: number | null): Piece {
  return ms === null ? null : `, ${duration(ms)} later`;
}

function users({ surfaces, timezone }: Incident): Piece {
  if (surfaces.length === 0) return "not probed";
  const lastMs = Math.max(...surfaces.map((each) => Date.parse(each.askedAt)));
  const was = surfaces
    .filter((each) => each.down.length > 0)
    .map((each) => surfaceWords(each, timezone));
  return markup`${surfaces.map((each) => markup`${surfaceBadge(each.surface, each.now)} `)}<span class="quiet">(last asked ${timeOfDay(lastMs)})</span>${when(was.length > 0, () => markup`<br>${was.join("; ")}`)}`;
}

function detail(text: string | undefined): Piece {
  if (text === undefined || text.trim() === "") return null;
  const lines = text.trimEnd().split("\n").slice(-detailLinesMax);
  return markup`<p class="label">In detail:</p><pre class="said" tabindex="0" aria-label="In detail">${lines.join("\n")}</pre>`;
}

function next({ head }: Picture): Piece {
  if (head.next.length === 0) return null;
  return markup`<div class="card next"><h3>What to type next</h3><ol>${head.next.map(
    ({ command, why }) =>
      markup`<li><code class="command">${command}</code> <span>${why}</span></li>`,
  )}</ol></div>`;
}
