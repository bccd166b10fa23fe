import { z } from "zod";
import { inventorySchema } from "./inventory-schema.ts";
import type { Kinds } from "./kinds.ts";
import { formatVersion, planSchema } from "./plan-schema.ts";

/** The JSON Schema (draft 2020-12) of plans as they are written, for editors to complete and check. */
export function planJsonSchema(kinds: Kinds): object {
  return jsonSchema(planSchema(kinds), "plan");
}

/** The same for inventories; `transports` are the words that `via` may say. */
export function inventoryJsonSchema(options: { readonly transports: readonly string[] }): object {
  return jsonSchema(inventorySchema(options), "inventory");
}

function jsonSchema(schema: z.ZodType, what: string): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-2020-12",
    // What only a program can check is simply not said to the editor.
    unrepresentable: "any",
  });
  const $id = `urn:handrail:schema:${what}:${formatVersion}`;
  return { $schema, $id, title: `Handrail ${what}`, ...rest };
}
