// The library's door: everything else is internal. A program that embeds Handrail gets the same
// parts that the command line uses. docs/library.md tells how.
// Whoever compiles against our types need not know of `AsyncDisposable`: they bring it along.
/// <reference lib="esnext.disposable" preserve="true" />
export { applyPlan } from "./apply-plan.ts";
export type { ApplyPlanOptions, PlanRun } from "./apply-plan.ts";
export { previewPlan, validatePlan } from "./preview-plan.ts";
export type { PlanCheck, PlanOptions } from "./preview-plan.ts";
export { createApp } from "./app.ts";
export type { App, AppOptions, ApplyOrder, CarryOnOrder, RolloutEnd, RunOrder } from "./app.ts";
export { PlanRefused } from "./cli/refusal.ts";
export { HandrailError, RolloutStopped } from "./core/failure.ts";
export type { RolloutEvent } from "./core/event.ts";
export type { Itinerary } from "./core/itinerary.ts";
export type { Problem } from "./core/plan/problem.ts";
export type { RolloutState } from "./core/state.ts";
export type { ReviewFinding } from "./core/static-review/finding.ts";
export type { JournalRecord } from "./ports/journal.ts";
export type { OnRecord } from "./steady-onlooker.ts";
export type { StopReason } from "./stop-reason.ts";
export { WaitInterrupted } from "./wait-interrupted.ts";
export { toolVersion } from "./version.ts";
export type { Preview } from "./views/preview-json.ts";
export type { PublicEvent, PublicEventOf, PublicEventType } from "./views/public-events.ts";
