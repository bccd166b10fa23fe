import type { Tone } from "../paint.ts";
import type { SurfaceIs } from "../picture/surface-charts.ts";
import type { TreeLook } from "../tree-row.ts";
import { type Markup, markup } from "./markup.ts";

const signs: Readonly<Record<TreeLook, readonly [sign: string, says: string]>> = {
  waiting: ["·", "waits"],
  running: ["▸", "at work"],
  back: ["↩", "taken back"],
  paused: ["‖", "waits for a person"],
  stopped: ["■", "stopped"],
  good: ["✔", "good"],
  bad: ["✖", "bad"],
  skipped: ["–", "not touched"],
};

/** A sign with its meaning for those who don't see it: never a colour alone. */
export function sign(look: TreeLook): Markup {
  const [shape, says] = signs[look];
  return markup`<span class="sign look-${look}" aria-hidden="true">${shape}</span><span class="unseen">${says}: </span>`;
}

const surfaceSigns: Readonly<Record<SurfaceIs, readonly [sign: string, tone: Tone]>> = {
  up: ["✔", "good"],
  down: ["✖", "bad"],
  "not known": ["?", "warning"],
};

/** `✔ ui up`. */
export function surfaceBadge(surface: string, is: SurfaceIs): Markup {
  const [shape, tone] = surfaceSigns[is];
  return markup`<span class="badge tone-${tone}"><span aria-hidden="true">${shape}</span> ${surface} ${is === "down" ? "DOWN" : is}</span>`;
}

/** A part of an address in the page, made of a name that may hold anything. */
export function anchor(kind: string, name: string): string {
  return `${kind}-${name.replace(/[^\w.-]/g, "_")}`;
}
