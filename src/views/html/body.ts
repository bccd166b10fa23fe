import { shown } from "../../core/printable.ts";
import type { Picture } from "../picture/picture.ts";
import { failurePanel } from "./failure-panel.ts";
import { head } from "./head.ts";
import { type Markup, markup, trusted } from "./markup.ts";
import { notices } from "./notices.ts";
import { plan } from "./plan.ts";
import { decisions, record } from "./record.ts";
import { patterns } from "./strip.ts";
import { timeline } from "./timeline.ts";
import { users } from "./users.ts";
import { verdicts } from "./verdicts.ts";

export interface BodyOptions {
  /** How handrail is called here, for what is suggested to type. */
  readonly program?: string;
  /** What stands in the place of a region of the timeline; default: the region. */
  readonly placed?: (region: Markup, index: number) => Markup;
}

/**
 * What a page shows of a rollout, without the page around it: the file's content, and what a live page
 * swaps in. Text of hosts is text in it, also where it holds markup, terminal escapes or marks that
 * turn the direction of writing.
 */
export function body(picture: Picture, options: BodyOptions = {}): Markup {
  const [outcome, ...rest] = bodyParts(picture, options);
  const made = markup`${patterns()}
${outcome?.[1] ?? null}
<main id="main">
${rest.map(([, part]) => markup`${part}\n`)}</main>`;
  return trusted(shown(made.toString()));
}

/**
 * The same part by part, each with its name, for a page that swaps in what has changed. Not made safe
 * yet for characters that can't be seen: see `shown`.
 */
export function bodyParts(
  picture: Picture,
  { program = "handrail", placed }: BodyOptions = {},
): readonly (readonly [id: string, part: Markup])[] {
  return [
    ["outcome", head(picture)],
    ["what-happened", failurePanel(picture, program)],
    ["timeline", timeline(picture, placed)],
    ["users", users(picture)],
    ["verdicts", verdicts(picture)],
    ["decisions", decisions(picture)],
    ["notices", notices(picture)],
    ["plan", plan(picture)],
    ["record", record(picture)],
  ];
}

/** Where each part of the body is, for a list of links. */
export const parts: readonly (readonly [id: string, name: string])[] = [
  ["what-happened", "What happened"],
  ["timeline", "Timeline"],
  ["users", "Users"],
  ["verdicts", "Verdicts"],
  ["decisions", "Decisions"],
  ["notices", "Notices"],
  ["plan", "Plan"],
  ["record", "Record"],
];
