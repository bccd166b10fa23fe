// The library's door: everything else is internal. A program that embeds Handrail gets the same
// parts that the command line uses.
export { createApp } from "./app.ts";
export type { App, AppOptions, ApplyOrder, CarryOnOrder, RolloutEnd, RunOrder } from "./app.ts";
export type { RolloutEvent } from "./core/event.ts";
export type { Itinerary } from "./core/itinerary.ts";
export type { RolloutState } from "./core/state.ts";
export type { JournalRecord } from "./ports/journal.ts";
export type { OnRecord } from "./steady-onlooker.ts";
export type { StopReason } from "./stop-reason.ts";
export { toolVersion } from "./version.ts";
