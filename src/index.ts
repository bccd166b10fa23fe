// The library's door: everything else is internal. A program that embeds Handrail gets the same
// parts that the command line uses.
export { createApp } from "./app.ts";
export type {
  App,
  AppOptions,
  ApplyOrder,
  CarryOnOrder,
  OnRecord,
  RolloutEnd,
  RunOrder,
} from "./app.ts";
export type { RolloutEvent } from "./core/event.ts";
export type { Itinerary } from "./core/itinerary.ts";
export type { RolloutState } from "./core/state.ts";
export type { JournalRecord } from "./ports/journal.ts";
export { toolVersion } from "./version.ts";
