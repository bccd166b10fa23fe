import { z } from "zod";
import { instanceEventSchemas } from "./instance-events.ts";
import { bakeEventSchemas } from "./bake-events.ts";
import { metricEventSchemas } from "./metric-events.ts";
import { rolloutEventSchemas } from "./rollout-events.ts";
import { watchEventSchemas } from "./watch-events.ts";

/**
 * What `--json` prints, a line each, by type. Scripts depend on these shapes: within one version of
 * the schema, fields and types may be added, and none is renamed or taken away. docs/events.md shows
 * each by example.
 */
export const publicEventSchemas = {
  ...rolloutEventSchemas,
  ...bakeEventSchemas,
  ...instanceEventSchemas,
  ...metricEventSchemas,
  ...watchEventSchemas,
} as const;

type Schemas = typeof publicEventSchemas;

export type PublicEventType = keyof Schemas;

/** One line of `--json`. */
export type PublicEvent = { [Type in PublicEventType]: z.infer<Schemas[Type]> }[PublicEventType];

export type PublicEventOf<Type extends PublicEventType> = z.infer<Schemas[Type]>;

/** Any line of `--json`. */
export const publicEvent = z.discriminatedUnion("type", [
  publicEventSchemas.version,
  ...Object.values(publicEventSchemas).slice(1),
]);

/** JSON Schema (2020-12) of one line, for `handrail schema events`. */
export function eventsJsonSchema(): object {
  return {
    title: "An event of Handrail",
    description: "One line of `handrail apply --json`; docs/events.md shows each by example.",
    ...z.toJSONSchema(publicEvent),
  };
}
