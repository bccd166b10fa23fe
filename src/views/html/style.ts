/**
 * How a report looks: on light and on dark, on a telephone and on paper. Colours are the third sign:
 * whatever they say is also said by a shape, and by a word.
 */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --card: #f6f8fa; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de;
  --link: #0550ae; --focus: #0550ae;
  --good: #116329; --bad: #a40e26; --warning: #7d4e00; --good-ground: #e6f4ea; --bad-ground: #fdeaec; --warning-ground: #fff4d6;
  --begin: #8c959f; --snapshot: #8250df; --step: #0969da; --bake: #1a7f37; --bake-2: #b4dfc0;
  --back: #bc4c00; --back-2: #ffd8b5; --harm: #cf222e; --harm-2: #ffcecb; --recovery: #0e7c86; --unknown: #9a6700; --unknown-2: #f7e1a5;
  --tick: #dfe4ea; --fold: #eaeef2;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #161b22; --ink: #e6edf3; --quiet: #9aa4af; --line: #30363d;
    --link: #79b8ff; --focus: #79b8ff;
    --good: #56d364; --bad: #ff8a80; --warning: #e3b341; --good-ground: #0f2a18; --bad-ground: #35131a; --warning-ground: #2f2408;
    --begin: #6e7681; --snapshot: #a371f7; --step: #388bfd; --bake: #3fb950; --bake-2: #14492a;
    --back: #f0883e; --back-2: #5a2d0c; --harm: #f85149; --harm-2: #5d1a1d; --recovery: #39c5cf; --unknown: #d29922; --unknown-2: #4b3a0a;
    --tick: #262c34; --fold: #1f252d;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.2rem; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 0 1.25rem 3rem; max-width: 84rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: break-word; }
p, li, dd, code, h3, .plain td:last-child { overflow-wrap: anywhere; }
code, pre, .command { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
h1, h2, h3, h4, p, ul, ol, dl, pre, table { margin: 0; }
h1 { font-size: 1.25rem; line-height: 1.3; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .8rem; line-height: 1.25; }
h3 { font-size: 1.02rem; line-height: 1.4; }
h4 { font-size: 1rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.quiet, .zone { color: var(--quiet); font-weight: 400; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .4rem .8rem; z-index: 3; }
nav { position: sticky; top: 0; z-index: 2; display: flex; gap: 1rem; align-items: center; justify-content: space-between; margin: 0 -1.25rem 1.2rem; padding: .45rem 1.25rem; background: var(--ground); border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; list-style: none; padding: 0; }
button { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .15rem .7rem; cursor: pointer; white-space: nowrap; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; margin: 0 0 .8rem; }
.card > * + * { margin-top: .55rem; }
.tone-good { color: var(--good); } .tone-bad { color: var(--bad); } .tone-warning { color: var(--warning); }
.tone-strong { font-weight: 600; } .tone-quiet { color: var(--quiet); }
.outcome { border: 1px solid var(--line); border-left: 8px solid var(--quiet); border-radius: 8px; padding: 1rem 1.25rem; color: var(--ink); background: var(--card); }
.outcome.tone-good { border-left-color: var(--good); background: var(--good-ground); }
.outcome.tone-bad { border-left-color: var(--bad); background: var(--bad-ground); }
.outcome.tone-warning { border-left-color: var(--warning); background: var(--warning-ground); }
.outcome .word { font-size: 2.1rem; font-weight: 750; line-height: 1.1; letter-spacing: .01em; }
.outcome.tone-good .word { color: var(--good); } .outcome.tone-bad .word { color: var(--bad); } .outcome.tone-warning .word { color: var(--warning); }
.outcome .says { font-size: 1.12rem; margin-top: .15rem; }
.outcome .word small { font-size: 1.15rem; font-weight: 500; }
.outcome .summary { color: var(--quiet); font-weight: 400; }
.users-now { margin-top: .35rem; }
.outcome h1 { margin-top: .7rem; font-size: 1.1rem; }
.outcome .facts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.emergency { margin-top: .5rem; color: var(--warning); }
.fates { display: flex; flex-wrap: wrap; gap: .6rem; list-style: none; padding: 0; margin-top: .9rem; }
.fates li { background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: .4rem .8rem; max-width: 30rem; line-height: 1.35; }
.fates .count { font-size: 1.25rem; font-weight: 700; }
.fates .quiet { font-size: .86rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: .15rem 1.5rem; margin-top: .8rem; font-size: .93rem; }
.facts > div { display: grid; grid-template-columns: 7.2rem 1fr; gap: .6rem; }
.facts > .wide { grid-column: 1 / -1; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; }
.facts ul { padding-left: 1.1rem; }
.story { border-left: 6px solid var(--bad); color: var(--ink); }
.story.tone-warning { border-left-color: var(--warning); }
.story h3, article.tone-bad > h3 { color: var(--bad); } .story.tone-warning h3 { color: var(--warning); }
.story h3 a, article.tone-bad > h3 a { color: inherit; }
.story .facts { grid-template-columns: 1fr; }
article.tone-bad { color: var(--ink); }
.lead { font-size: 1.05rem; font-weight: 600; }
.hint { font-weight: 500; }
.label { color: var(--quiet); font-size: .9rem; }
pre { overflow-x: auto; background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .7rem; white-space: pre-wrap; max-height: 24rem; }
.next ol { padding-left: 1.4rem; }
.next li + li { margin-top: .3rem; }
.command { background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: .12rem .5rem; user-select: all; font-weight: 600; }
.next span { color: var(--quiet); }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 99px; padding: 0 .55rem; font-size: .86rem; font-weight: 600; white-space: nowrap; }
.sign { display: inline-block; width: 1.25em; font-weight: 700; }
.look-good > .count, .sign.look-good { color: var(--good); }
.look-bad > .count, .sign.look-bad { color: var(--bad); }
.look-back > .count, .sign.look-back { color: var(--back); }
.look-paused > .count, .sign.look-paused, .sign.look-stopped { color: var(--warning); }
.sign.look-running { color: var(--step); }
.sign.look-waiting, .sign.look-skipped, .look-skipped > .count { color: var(--quiet); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; list-style: none; padding: 0; margin: .2rem 0 .8rem; font-size: .88rem; }
.legend li { display: inline-flex; align-items: center; gap: .35rem; }
.tools { margin-bottom: .8rem; } .tools[hidden], tr[hidden] { display: none; }
input { font: inherit; color: var(--ink); background: var(--ground); border: 1px solid var(--quiet); border-radius: 6px; padding: .15rem .5rem; margin-right: .6rem; }
details > summary { cursor: pointer; }
.region > summary > h3 { display: inline; }
.region > summary .times { display: block; padding-left: 1.2rem; color: var(--quiet); font-size: .88rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; }
.lanes { table-layout: fixed; }
.lanes th, .lanes td { padding: .12rem .5rem; vertical-align: top; }
.lanes > * > tr > :first-child { width: 13%; padding-left: 0; }
.lanes > * > tr > :last-child:not(:first-child) { width: 27%; padding-right: 0; font-size: .9rem; }
.lanes thead th { vertical-align: bottom; font-weight: 500; color: var(--quiet); font-size: .85rem; }
.lanes tr.batch th { color: var(--quiet); font-weight: 500; font-size: .85rem; padding-top: .5rem; border-bottom: 1px solid var(--line); }
.lanes tr.lane > * { border-bottom: 1px solid var(--line); }
.lanes tr.lane:target > * { background: var(--warning-ground); }
.lanes .finding { color: var(--bad); display: block; }
.lanes tr.story > td { padding: .1rem 0 .4rem 1.2rem; border-left: 0; font-size: .9rem; color: var(--quiet); }
.lanes tr.story { border-left: 0; }
.lanes td ul { padding-left: 1rem; }
.strip { display: block; width: 100%; height: 26px; overflow: hidden; }
.axis { display: block; width: 100%; overflow: visible; }
.axis text, .latency text { font-size: 11px; fill: var(--quiet); text-anchor: middle; font-variant-numeric: tabular-nums; }
.axis .cut { font-size: 14px; } .latency .top { text-anchor: end; }
.latency { display: block; width: 100%; height: 44px; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.latency polyline { vector-effect: non-scaling-stroke; fill: none; }
.median { stroke: var(--step); stroke-width: 2; fill: none; } .longest { stroke: var(--quiet); stroke-width: 1.5; stroke-dasharray: 3 3; fill: none; }
.tick { stroke: var(--tick); stroke-width: 1; } .fold { fill: var(--fold); }
.patterns { position: absolute; }
.k-preflight, .k-begin, .k-between { fill: var(--begin); }
.k-snapshot { fill: var(--snapshot); }
.k-step { fill: var(--step); }
.k-step.bad { fill: var(--step); stroke: var(--harm); stroke-width: 2; }
.k-bake { fill: url(#hatch-bake); stroke: var(--bake); }
.k-wait { fill: var(--begin); }
.k-rollback { fill: url(#hatch-back); stroke: var(--back); }
.k-verify { fill: url(#dots-verify); stroke: var(--back); }
.k-recovery { fill: var(--recovery); }
.k-harm { fill: url(#cross-harm); stroke: var(--harm); }
.bad { stroke: var(--harm); stroke-width: 2; }
.p-bake { fill: var(--bake); } .p-bake-ground { fill: var(--bake-2); }
.p-back { fill: var(--back); } .p-back-ground { fill: var(--back-2); }
.p-harm { fill: var(--harm); } .p-harm-ground { fill: var(--harm-2); }
.p-unknown { fill: var(--unknown); } .p-unknown-ground { fill: var(--unknown-2); }
.mark { font-size: 13px; text-anchor: middle; font-weight: 700; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.mark.tone-bad { fill: var(--harm); } .mark.tone-warning { fill: var(--unknown); font-size: 11px; } .mark.tone-plain, .mark.tone-good { fill: var(--recovery); }
.mark-sample { font-weight: 700; }
.s-up { fill: var(--bake); } .s-down { fill: url(#cross-harm); stroke: var(--harm); } .s-unknown { fill: url(#rows-unknown); stroke: var(--unknown); }
.plain { font-size: .9rem; }
.plain th, .plain td { padding: .18rem .7rem .18rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
.plain th { color: var(--quiet); font-weight: 500; }
.plain td { font-variant-numeric: tabular-nums; }
.plain .number { text-align: right; white-space: nowrap; }
.plain time, .plain .what { white-space: nowrap; }
.record td:nth-child(-n+3) { white-space: nowrap; }
.steps { padding-left: 1.4rem; }
.steps > li + li { margin-top: .8rem; }
.steps pre, .steps dl { margin-top: .3rem; }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: .88rem; }
@media (max-width: 62rem) { .axis .other { display: none; } }
@media (max-width: 46rem) {
  body { padding: 0 .8rem 2rem; font-size: 14px; }
  nav { margin: 0 -.8rem 1rem; padding: .4rem .8rem; }
  .plain, .plain tbody, .plain tr { display: block; }
  .plain thead { display: none; }
  .plain tr { padding: .3rem 0; border-bottom: 1px solid var(--line); }
  .plain td, .plain tbody th { display: inline; border: 0; padding: 0; overflow-wrap: anywhere; }
  .plain td + td::before, .plain th + td::before { content: " · "; color: var(--quiet); }
}
@media (max-width: 46rem), print {
  .lanes, .lanes thead, .lanes tbody, .lanes tr, .lanes th, .lanes td { display: block; width: auto !important; padding-left: 0; padding-right: 0; }
  .lanes tr.lane > * , .lanes tbody tr > * { border-bottom: 0; }
  .lanes tbody tr:not(.batch) { border-bottom: 1px solid var(--line); padding: .25rem 0; }
  .lanes thead th:first-child, .lanes thead th:last-child { display: none; }
  .facts { grid-template-columns: 1fr; }
  .record td:nth-child(-n+3) { white-space: normal; }
}
@media (forced-colors: active) { svg { forced-color-adjust: none; } }
@media print {
  :root { color-scheme: light; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, .tools { display: none; }
  .card, .outcome { break-inside: avoid; }
  .region, .card:has(table), details.card { break-inside: auto; }
  tr, .story { break-inside: avoid; }
  h2, h3, summary { break-after: avoid; }
  pre { max-height: none; }
  a { color: inherit; text-decoration: none; }
}
@page { margin: 14mm; }
`;
