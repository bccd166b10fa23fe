/** The turns of a rollout that somebody can be told of. `ended`: closed, and not sealed. */
export const noticeKinds = [
  "started",
  "halted",
  "sealed",
  "paused",
  "region-sealed",
  "ended",
] as const;

export type NoticeKind = (typeof noticeKinds)[number];

/** From the least to the most severe. */
export const noticeSeverities = ["info", "warning", "critical"] as const;

export type NoticeSeverity = (typeof noticeSeverities)[number];

/** The most severe that a notice of this kind can be. */
export const severestOf: Readonly<Record<NoticeKind, NoticeSeverity>> = {
  started: "info",
  "region-sealed": "info",
  sealed: "info",
  paused: "warning",
  halted: "critical",
  ended: "critical",
};

/** What a template can say of a notice, as `${notice.text}`. */
export const noticeFields = ["id", "kind", "severity", "rollout", "plan", "at", "text"] as const;

/** Text of the plan, or a file beside it, that is said in place of the notice's own sentence. */
export type NoticeTemplate = { readonly text: string } | { readonly file: string };

export interface NotifySpec {
  readonly on: readonly NoticeKind[];
  /** Tell only what is at least so severe. Absent in journals of 0.1: everything. */
  readonly severity?: NoticeSeverity;
  /** Absent: the notice's own sentence. */
  readonly template?: NoticeTemplate;
  readonly kind: string;
  readonly args: unknown;
}

/** Is this notice one that the plan wants told there? */
export function isWanted(
  spec: Pick<NotifySpec, "on" | "severity">,
  notice: { readonly kind: NoticeKind; readonly severity: NoticeSeverity },
): boolean {
  return spec.on.includes(notice.kind) && isAtLeast(notice.severity, spec.severity ?? "info");
}

/** Is the one at least as severe as the other? */
export function isAtLeast(severity: NoticeSeverity, least: NoticeSeverity): boolean {
  return noticeSeverities.indexOf(severity) >= noticeSeverities.indexOf(least);
}
