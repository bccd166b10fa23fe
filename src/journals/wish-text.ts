import * as z from "zod";
import type { AskedWish } from "../ports/journal.ts";
import { damaged, newer, overLimit } from "./journal-error.ts";

/** Bytes of one wish with who asked and why. */
const wishMaxBytes = 64 * 1024;

/** One line of JSON for the inbox; JOURNAL_LIMIT when it is too long. */
export function encodeWish(asked: AskedWish): string {
  const text = JSON.stringify({ wish: asked.wish, by: asked.by, reason: asked.reason });
  const bytes = Buffer.byteLength(text);
  if (bytes > wishMaxBytes) {
    throw overLimit(
      `what is asked ("${asked.wish.kind}") has ${bytes} bytes with its reason`,
      `${wishMaxBytes} bytes`,
    );
  }
  return text;
}

/** What another process left in the inbox, checked before the brain sees it. */
export function decodeWish(id: string, text: string): AskedWish {
  const where = `wish ${id} in the inbox`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(where, "it is not JSON", { cause: error });
  }
  const outer = outerSchema.safeParse(value);
  if (!outer.success) throw damaged(where, z.prettifyError(outer.error));
  if (!Object.hasOwn(wishSchemas, outer.data.wish.kind)) {
    throw newer(`${where} is "${outer.data.wish.kind}", which this Handrail does not know`);
  }
  const inner = wishSchemas[outer.data.wish.kind].safeParse(outer.data.wish);
  if (!inner.success) throw damaged(where, z.prettifyError(inner.error));
  return outer.data;
}

const outerSchema = z.strictObject({
  wish: z.custom<AskedWish["wish"]>(
    (value) => z.looseObject({ kind: z.string() }).safeParse(value).success,
    "not a wish",
  ),
  by: z.string(),
  reason: z.string(),
});

const failureSchema = z.looseObject({ code: z.string(), message: z.string(), hint: z.string() });

const wishSchemas: Readonly<Record<AskedWish["wish"]["kind"], z.ZodType>> = {
  pause: z.strictObject({ kind: z.literal("pause"), because: z.string().optional() }),
  resume: z.strictObject({ kind: z.literal("resume") }),
  abort: z.strictObject({ kind: z.literal("abort"), rollback: z.boolean() }),
  approve: z.strictObject({
    kind: z.literal("approve"),
    region: z.string(),
    at: z.iso.datetime().optional(),
    digest: z.string().optional(),
  }),
  "approve-emergency": z.strictObject({
    kind: z.literal("approve-emergency"),
    at: z.iso.datetime().optional(),
    digest: z.string(),
  }),
  "override-window": z.strictObject({ kind: z.literal("override-window"), region: z.string() }),
  undo: z.strictObject({ kind: z.literal("undo"), over: z.boolean().optional() }),
  reconcile: z.strictObject({ kind: z.literal("reconcile") }),
  "release-lock": z.strictObject({
    kind: z.literal("release-lock"),
    instance: z.string(),
    reason: z.string(),
  }),
  interrupt: z.strictObject({ kind: z.literal("interrupt"), signal: z.string() }),
  deadline: z.strictObject({ kind: z.literal("deadline"), failure: failureSchema }),
  decide: z.strictObject({
    kind: z.literal("decide"),
    instance: z.string(),
    choice: z.enum(["accept", "retry", "rollback", "leave", "exclude"]),
  }),
};
