import type { Command } from "./command.ts";
import { schema } from "./commands/schema.ts";
import { validate } from "./commands/validate.ts";

/** Every verb, in the order in which `--help` lists them. */
export const commands: readonly Command[] = [validate, schema];
