import * as z from "zod";
import { damaged } from "./journal-error.ts";

/** A row of the database as its schema says; JOURNAL_DAMAGED when it is not. `what`: "a wish". */
export function rowOf<T>(schema: z.ZodType<T>, row: unknown, what: string): T {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw damaged(`${what} in journal.db`, z.prettifyError(parsed.error), { cause: parsed.error });
}
