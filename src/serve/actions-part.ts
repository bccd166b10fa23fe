import { anchor } from "../views/html/looks.ts";
import { type Markup, markup, type Piece, when } from "../views/html/markup.ts";
import type { Offer } from "./wishes.ts";

export interface WaitingWish {
  readonly by: string;
  readonly what: string;
  readonly reason: string;
}

export interface ActionsView {
  /** null: the page only looks. */
  readonly offers: readonly Offer[] | null;
  /** Who runs the rollout; null: nobody. */
  readonly holder: string | null;
  readonly waiting: readonly WaitingWish[];
  readonly isOver: boolean;
  /** The command that takes it up. */
  readonly resume: string;
}

/** Who runs it, what was asked and not heard yet, and what can be asked from here. */
export function actionsPart(view: ActionsView): Markup {
  const { offers, holder, waiting, isOver } = view;
  const asked = when(
    waiting.length > 0,
    () =>
      markup`<div class="card tone-warning"><p><strong>Asked, and not heard yet:</strong></p><ul>${waiting.map(
        (it) => markup`<li>${it.what}, by ${it.by}${it.reason === "" ? "" : `: ${it.reason}`}</li>`,
      )}</ul>${when(holder === null, () => markup`<p>Nobody runs it now; who does next hears it: <code class="command">${view.resume}</code></p>`)}</div>`,
  );
  if (isOver && waiting.length === 0) return markup``;
  return markup`<section id="actions" aria-labelledby="h-actions">
<h2 id="h-actions">${offers === null ? "Who runs it" : "What you can do"}</h2>
<p class="who">${runs(holder)}</p>
${asked}
${offers === null ? looking : markup`<div class="offers">${offers.map(offer)}</div>${when(offers.length === 0, () => nothing(holder))}`}
</section>`;
}

function runs(holder: string | null): Piece {
  if (holder !== null) return markup`Run by <strong>${holder}</strong>.`;
  return markup`<strong>Nobody runs it now</strong>, and this page starts no process: <a href="#what-happened">what to type next</a> is said below.`;
}

const looking = markup`<p class="quiet">This page only looks: <code>handrail serve --allow-actions</code> lets it ask for a pause, an approval or an end.</p>`;

function nothing(holder: string | null): Piece {
  if (holder === null) return null;
  return markup`<p class="quiet">Nothing can be asked of it as it stands.</p>`;
}

const names: Readonly<Record<Offer["verb"], string>> = {
  pause: "Pause",
  resume: "Go on",
  approve: "Approve",
  "approve --emergency": "Approve the emergency",
  abort: "Abort",
  "abort --rollback": "Abort, and take all of it back",
};

/** Unfolded first, so that nothing is asked by one careless click. */
function offer(it: Offer): Markup {
  const id = anchor(`do-${it.verb.replace(/\W+/g, "-")}`, it.region ?? "");
  const name = it.region === null ? names[it.verb] : `${names[it.verb]} region ${it.region}`;
  const harsh = it.verb.startsWith("abort") ? " harsh" : "";
  const region = it.region === null ? null : markup` data-region="${it.region}"`;
  return markup`<details class="offer${harsh}" id="${id}"><summary>${name}</summary>
<form data-verb="${it.verb}"${region}>
<p>${it.says.slice(0, 1).toUpperCase()}${it.says.slice(1)}.</p>
<p><label for="${id}-reason">Why, for the journal</label><input id="${id}-reason" name="reason" maxlength="500" autocomplete="off"${it.needsReason ? markup` required` : null}></p>
${when(
  it.typed.length > 0,
  () =>
    markup`<p><label for="${id}-typed">To confirm, type ${it.typed.length === 1 ? "the name of the region" : "the names of the regions"}: <strong>${it.typed.join(" ")}</strong></label><input id="${id}-typed" name="typed" required autocomplete="off" autocapitalize="off" spellcheck="false"></p>`,
)}
<p><button type="submit">${name}</button></p>
</form></details>
`;
}
