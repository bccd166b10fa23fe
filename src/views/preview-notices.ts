import {
  isAtLeast,
  type NoticeKind,
  type NoticeSeverity,
  noticeKinds,
  type NotifySpec,
  severestOf,
} from "../core/plan/notice.ts";
import { listed } from "./wording.ts";

/** Somebody who will be told of turns of the rollout. */
export interface PreviewNotice {
  /** The kind of notifier. */
  readonly kind: string;
  /** Whom it reaches, without what is secret: "webhook to status.example.com". */
  readonly to: string;
  /** Turns that are told there: of those that the plan names, what can be as severe as it asks. */
  readonly on: readonly NoticeKind[];
  /** Only what is at least so severe. */
  readonly severity: NoticeSeverity;
  /** "text" or the path of a file that is said in place of the notice's sentence; null: neither. */
  readonly template: string | null;
}

/** `receiver`: whom an entry of the plan's `notify` reaches, in words. */
export function previewNotices(
  notify: readonly NotifySpec[],
  receiver: (spec: NotifySpec) => string,
): readonly PreviewNotice[] {
  return notify.map((spec) => {
    const { kind, on, severity = "info", template } = spec;
    return {
      kind,
      to: receiver(spec),
      on: on.filter((each) => isAtLeast(severestOf[each], severity)),
      severity,
      template: template === undefined ? null : "file" in template ? template.file : "text",
    };
  });
}

/** A row each: to whom, and of what. */
export function noticeRows(all: readonly PreviewNotice[]): readonly (readonly [string, string])[] {
  return all.map(({ to, on, severity, template }) => {
    const turns = on.length === noticeKinds.length ? "every turn" : listed(on, noticeKinds.length);
    // What is severe enough by its kind alone needs no word.
    const only = on.some((kind) => !alwaysAtLeast(kind, severity));
    return [
      to,
      [
        only
          ? `${turns}, where ${severity === "critical" ? "critical" : `at least ${severity}`}`
          : turns,
        ...(template === null ? [] : ["in words of the plan's own"]),
      ].join("; "),
    ];
  });
}

/** An end is as severe as what it leaves behind: warning, or critical where a person is needed. */
function alwaysAtLeast(kind: NoticeKind, severity: NoticeSeverity): boolean {
  return isAtLeast(kind === "ended" ? "warning" : severestOf[kind], severity);
}
