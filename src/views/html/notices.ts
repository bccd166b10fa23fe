import type { Picture } from "../picture/picture.ts";
import type { NoticeRow } from "../notices-text.ts";
import { counted } from "../wording.ts";
import { type Markup, markup, type Piece, when } from "./markup.ts";
import { moment, timeOfDay } from "./times-markup.ts";

/** Who was told of what, and whether that arrived; nothing where nobody was to be told. */
export function notices({ notices: it, head }: Picture): Markup {
  if (it === null) return markup``;
  const none = markup`<p class="card">Nothing has happened yet that anybody is to be told of.</p>`;
  const table = () =>
    markup`<div class="card"><table class="plain"><thead><tr><th scope="col">when</th><th scope="col">what</th><th scope="col">to whom</th><th scope="col">delivery</th></tr></thead><tbody>${it.rows.map(
      (row) =>
        markup`<tr><td>${moment(Date.parse(row.at))}</td><td><strong>${row.kind}</strong> (${row.severity})<br>${row.text}</td><td>${row.to}</td>${delivery(row, it.isKept)}</tr>`,
    )}</tbody></table>${when(it.more > 0, () => markup`<p class="quiet">And ${counted(it.more, "later notice")}: <code>handrail notices ${head.rollout}</code> has them all.</p>`)}</div>`;
  return markup`<section id="notices" aria-labelledby="h-notices">
<h2 id="h-notices">Notices</h2>
${it.rows.length === 0 ? none : table()}
</section>`;
}

function delivery({ settled, at }: NoticeRow, isKept: boolean): Piece {
  if (!isKept) return markup`<td class="quiet">not known: no log of it is kept here</td>`;
  if (settled === null) return markup`<td class="tone-warning">not delivered so far</td>`;
  const ended = settledTime(settled.at, at);
  const tries = counted(settled.tries, "try", "tries");
  return settled.is === "told"
    ? markup`<td class="tone-good">delivered ${ended}, ${tries}</td>`
    : markup`<td class="tone-bad">given up ${ended}, after ${tries}</td>`;
}

/** The date only where it is another than that of what was told. */
function settledTime(settled: string, at: string): Markup {
  const ms = Date.parse(settled);
  return settled.slice(0, 10) === at.slice(0, 10) ? timeOfDay(ms) : moment(ms);
}
