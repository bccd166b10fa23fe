import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { registries } from "../registries.ts";

const subjects = ["plan", "inventory", "events"] as const;

/** `handrail schema plan|inventory|events`: the JSON Schema, for editors and scripts. */
export const schema = command({
  usage: "schema <what>",
  describe: "Print the JSON Schema of plans, of inventories, or of the lines of --json",
  options: (parser) =>
    parser.positional("what", {
      choices: subjects,
      demandOption: true,
      describe: "which schema",
    }),
  run: async ({ what }, io) => {
    io.stdout.write(`${JSON.stringify(await schemaOf(what), null, 2)}\n`);
    return exitCodes.done;
  },
});

async function schemaOf(what: (typeof subjects)[number]): Promise<object> {
  if (what === "events") {
    const { eventsJsonSchema } = await import("../../views/public-events.ts");
    return eventsJsonSchema();
  }
  const schemas = await import("../../core/plan/json-schema.ts");
  const { kinds, transports } = await registries();
  return what === "plan"
    ? schemas.planJsonSchema(kinds)
    : schemas.inventoryJsonSchema({ transports });
}
