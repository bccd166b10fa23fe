import type { Picture, RecordLine } from "../picture/picture.ts";
import { counted, grouped } from "../wording.ts";
import { type Markup, markup, when } from "./markup.ts";
import { isoOf, moment } from "./times-markup.ts";
import { utcDate } from "../times.ts";
import { clock } from "./times-markup.ts";

/** What people, signals and deadlines asked for. */
export function decisions({ decisions: all }: Picture): Markup {
  const none = markup`<p class="card">None: nobody had to be asked.</p>`;
  const table = markup`<div class="card"><table class="plain"><thead><tr><th scope="col">when</th><th scope="col">who</th><th scope="col">what</th><th scope="col">why</th></tr></thead><tbody>${all.map(
    (it) =>
      markup`<tr><td>${moment(it.atMs)}</td><td>${it.by}</td><td>${it.what}</td><td>${it.reason}</td></tr>`,
  )}</tbody></table></div>`;
  return markup`<section id="decisions" aria-labelledby="h-decisions">
<h2 id="h-decisions">Decisions and approvals</h2>
${all.length === 0 ? none : table}
</section>`;
}

/** What the journal says, record by record, as `handrail report` tells it. */
export function record({ record: { lines, cut }, head }: Picture): Markup {
  let date = "";
  const rows = lines.map((line) => {
    const day = utcDate(isoOf(line.atMs));
    const turned = day !== date;
    date = day;
    return row(line, turned ? day : null);
  });
  return markup`<section id="record" aria-labelledby="h-record">
<h2 id="h-record">Record</h2>
<details class="card" id="record-lines" data-long><summary>${counted(lines.length, "line")} from ${counted(head.records, "record")} of the journal, times in UTC</summary>
<table class="plain record"><thead><tr><th scope="col">record</th><th scope="col">UTC</th><th scope="col">who</th><th scope="col">what</th></tr></thead><tbody>${rows}</tbody></table>
${when(cut > 0, () => markup`<p class="quiet">${grouped(cut)} everyday lines in the middle are left out: <code>handrail report ${head.rollout}</code> has them all.</p>`)}
</details>
</section>`;
}

function row({ seq, atMs, who, text, tone }: RecordLine, day: string | null): Markup {
  const turned = day === null ? null : markup`${day} `;
  return markup`<tr><td class="number">${seq}</td><td>${turned}${clock(atMs)}</td><td>${who}</td><td class="tone-${tone}">${text}</td></tr>`;
}
