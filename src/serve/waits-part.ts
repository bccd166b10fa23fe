import { type Markup, markup, when } from "../views/html/markup.ts";
import { clock, isoOf } from "../views/html/times-markup.ts";
import type { Countdown } from "../views/countdowns.ts";

export interface WaitsView {
  readonly countdowns: readonly Countdown[];
  /** "about 4 min left": of the whole rollout; null: nobody knows. */
  readonly left: string | null;
}

/**
 * What a rollout waits for, and until when. The end stands in it, never how long that still is: so it stays the
 * same while a page counts down, and is right where no script runs.
 */
export function waitsPart({ countdowns, left }: WaitsView): Markup {
  if (countdowns.length === 0 && left === null) return markup``;
  return markup`<section id="waits" aria-labelledby="h-waits"><h2 id="h-waits">What it waits for</h2>
<ul class="card waits">${when(left !== null, () => markup`<li><span class="who">The whole rollout:</span> ${left}</li>`)}${countdowns.map(row)}</ul>
</section>`;
}

/** role=timer is not read out as it counts (WAI-ARIA 1.2, §5.4): only when somebody goes there. */
function row({ who, endsMs, before, after, over }: Countdown): Markup {
  return markup`<li><span class="who">${who}:</span> <span role="timer" data-ends="${isoOf(endsMs)}" data-before="${before}" data-after="${after}" data-over="${over}">${before}until ${clock(endsMs)}</span></li>`;
}
