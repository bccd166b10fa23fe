import type { Notice } from "../ports/notifier.ts";

/** A notice as programs get it. Within one version of Handrail's events keys are only added. */
export function noticeJson({ written, text, ...notice }: Notice): Readonly<Record<string, string>> {
  const { id, kind, severity, rollout, plan, at } = notice;
  return { id, kind, severity, rollout, plan, at, text: written ?? text };
}
