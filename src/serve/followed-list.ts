import { evolve } from "../core/evolve.ts";
import { shown } from "../core/printable.ts";
import type { RolloutState } from "../core/state.ts";
import type { JournalRecord, Journals, RolloutHead } from "../ports/journal.ts";
import { type Headline, verdictOf } from "../views/headline.ts";
import { type Markup, markup, type Piece, when } from "../views/html/markup.ts";
import { moment } from "../views/html/times-markup.ts";
import { replay } from "../views/replay.ts";
import { summarise } from "../views/summary.ts";
import { counted, grouped } from "../views/wording.ts";
import type { Drawn } from "./live-source.ts";

/** Rollouts that the page lists, newest first. */
const listedMax = 200;
/** Of those that are not over, whose journal is followed: more are only said to be open. */
const followedMax = 8;

interface Followed {
  state: RolloutState | null;
  readonly records: JournalRecord[];
}

interface Row {
  readonly head: RolloutHead;
  readonly holder: string | null;
  /** null: it is not known how far it came. */
  readonly line: Headline | null;
}

/** Looks at all rollouts of a journal: those that are not over with what they come to. */
export function followList(journals: Journals): () => Promise<Drawn | null> {
  const followed = new Map<string, Followed>();
  let known = "";
  let words = new Map<string, string>();
  return async () => {
    const holders = new Map((await journals.holders()).map((it) => [it.rollout, it.holder]));
    const heads = await journals.list();
    const now = JSON.stringify([heads, [...holders]]);
    if (now === known) return null;
    const open = heads.filter(({ outcome }) => outcome === null).slice(0, followedMax);
    const wanted = new Set(open.map(({ rollout }) => rollout));
    for (const id of followed.keys()) if (!wanted.has(id)) followed.delete(id);
    for (const { rollout } of open) {
      const it = followed.get(rollout) ?? { state: null, records: [] };
      followed.set(rollout, it);
      catchUp(it, await journals.read(rollout, it.records.length));
    }
    known = now;
    const rows = heads.slice(0, listedMax).map((head): Row => {
      const holder = holders.get(head.rollout) ?? null;
      return { head, holder, line: lineOf(followed.get(head.rollout), holder !== null) };
    });
    const before = words;
    words = new Map(rows.map((row) => [row.head.rollout, wordOf(row)]));
    const changed = rows.find((row) => before.get(row.head.rollout) !== wordOf(row));
    const running = rows.filter((row) => row.holder !== null).length;
    return {
      title: running === 0 ? "Rollouts" : `${counted(running, "rollout")} running`,
      says: changed === undefined ? "" : shown(`${changed.head.rollout}: ${wordOf(changed)}`),
      urgent: changed !== undefined && toneOf(changed) !== "good" && toneOf(changed) !== "plain",
      lastAt: null,
      parts: [["rollouts", shown(table(rows, heads.length).toString())]],
    };
  };
}

function catchUp(it: Followed, records: readonly JournalRecord[]): void {
  for (const record of records) {
    if (it.state === null) for (const { after } of replay([record])) it.state = after;
    else it.state = evolve(it.state, record.event);
    it.records.push(record);
  }
}

function lineOf(it: Followed | undefined, attended: boolean): Headline | null {
  if (it === undefined || it.state === null) return null;
  return verdictOf(summarise(it.state, it.records, { attended }), it.state);
}

function wordOf({ head, line }: Row): string {
  return line?.word ?? head.outcome?.toUpperCase() ?? "OPEN";
}

const tones: Readonly<Record<string, Headline["tone"]>> = {
  sealed: "good",
  undone: "good",
  halted: "bad",
  refused: "bad",
};

function toneOf({ head, line }: Row): Headline["tone"] {
  return line?.tone ?? tones[head.outcome ?? ""] ?? "plain";
}

const signs: Readonly<Record<string, string>> = { good: "✔", bad: "✖", warning: "‖" };

function table(rows: readonly Row[], all: number): Markup {
  if (rows.length === 0)
    return markup`<p class="card">No rollout yet; waiting: the first one stands here as soon as it begins. If one has begun, its journal is another: <code class="command">handrail serve --state DIR</code> names it.</p>`;
  return markup`<table class="plain rollouts"><thead><tr><th scope="col">Outcome</th><th scope="col">Rollout</th><th scope="col">Begun</th><th scope="col">Inventory</th><th scope="col" class="number">Records</th></tr></thead><tbody>${rows.map(rowMarkup)}</tbody></table>
${when(all > rows.length, () => markup`<p class="quiet">And ${counted(all - rows.length, "older rollout")}: <code class="command">handrail status</code> lists them.</p>`)}`;
}

function rowMarkup(row: Row): Piece {
  const { head, holder, line } = row;
  const tone = toneOf(row);
  const says = line === null ? null : markup`<br><span class="quiet">${line.says}</span>`;
  const by = holder === null ? null : markup`<br><span class="quiet">run by ${holder}</span>`;
  const sign = line?.sign ?? signs[tone] ?? "·";
  return markup`<tr><td class="tone-${tone}"><strong><span aria-hidden="true">${sign}</span> ${wordOf(row)}</strong></td><td><a href="rollouts/${encodeURIComponent(head.rollout)}">${head.rollout}</a>${says}${by}</td><td>${moment(Date.parse(head.openedAt))}</td><td>${head.inventory}</td><td class="number">${grouped(head.records)}</td></tr>`;
}
