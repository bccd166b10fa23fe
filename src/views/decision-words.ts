import type { Wish } from "../core/event.ts";

/** What a person, a signal or a deadline asked for: "approve cn, digest 9f86d081884c". */
export function decisionWords(wish: Wish): string {
  switch (wish.kind) {
    case "decide":
      return `${wish.choice} ${wish.instance}`;
    case "approve": {
      const of = wish.digest === undefined ? "" : `, digest ${wish.digest.slice(0, 12)}`;
      return `approve ${wish.region}${of}`;
    }
    case "approve-emergency":
      return `approve the emergency, digest ${wish.digest.slice(0, 12)}`;
    case "override-window":
      return `go on outside the maintenance windows of ${wish.region}`;
    case "abort":
      return wish.rollback ? "abort, with everything taken back" : "abort";
    case "release-lock":
      return `locks release ${wish.instance}`;
    case "pause":
    case "resume":
    case "undo":
    case "reconcile":
    case "interrupt":
    case "deadline":
      return wish.kind;
  }
}
