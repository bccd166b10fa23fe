/** What a live page has that a report in a file has not. */
export const liveStyle = `
nav .line { display: flex; align-items: center; gap: .5rem; font-size: .9rem; color: var(--quiet); white-space: nowrap; }
nav .line::before { content: ""; width: .65rem; height: .65rem; border-radius: 50%; border: 2px solid var(--good); background: var(--good); }
[data-line="lost"] nav .line::before, [data-line="ended"] nav .line::before { border-color: var(--bad); background: none; }
[data-line="trouble"] nav .line::before { border-color: var(--warning); background: none; border-radius: 0; }
.lost { position: sticky; top: 2.6rem; z-index: 2; margin: 0 0 1rem; padding: .5rem 1rem; border: 2px solid var(--bad); border-radius: 8px; background: var(--bad-ground); color: var(--ink); font-weight: 600; }
.lost[hidden] { display: none; }
[data-line="lost"] .outcome, [data-line="ended"] .outcome, [data-line="lost"] .rollouts, [data-line="ended"] .rollouts { outline: 2px dashed var(--bad); outline-offset: 3px; }
.waits { list-style: none; margin: 0 0 1rem; padding: .5rem 1rem; }
.waits li { padding: .1rem 0; font-variant-numeric: tabular-nums; }
.waits .who { font-weight: 600; }
p.who { margin-bottom: .6rem; }
.offers { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .6rem; }
.offer[open] { flex-basis: 100%; }
.offer { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .35rem .9rem; }
.offer > summary { font-weight: 600; }
.offer.harsh > summary { color: var(--bad); }
.offer form > * { margin: .5rem 0; }
.offer label { display: block; color: var(--quiet); font-size: .92rem; }
.offer label strong { color: var(--ink); user-select: none; }
.offer input { width: min(100%, 34rem); }
.offer button { font-weight: 600; padding: .3rem 1rem; border-color: var(--link); }
.offer.harsh button { border-color: var(--bad); color: var(--bad); }
.offer button:disabled { opacity: .55; cursor: progress; }
#answer:not(:empty) { margin: .8rem 0; padding: .6rem 1rem; border: 1px solid var(--line); border-left: 6px solid var(--quiet); border-radius: 8px; background: var(--card); }
#answer.refused { border-left-color: var(--bad); }
#answer.asked { border-left-color: var(--good); }
.rollouts td { padding-top: .4rem; padding-bottom: .4rem; }
.rollouts td:first-child { white-space: nowrap; }
@media (max-width: 46rem) {
  nav { flex-wrap: wrap; gap: .1rem 1rem; }
  .lost { top: 3.6rem; }
  .rollouts thead { display: none; }
  .rollouts, .rollouts tbody, .rollouts tr, .rollouts td { display: block; width: auto; }
  .rollouts td { border: 0; padding: .05rem 0; text-align: left !important; }
  .rollouts tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .rollouts td.number, .rollouts td:nth-child(4) { display: none; }
}
`;
