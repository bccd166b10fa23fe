import { z } from "zod";
import type { Count } from "./plan.ts";

/** Names that become part of file names and receipts on hosts: short, plain, never like an option. */
export const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error:
    'must be a name of letters, digits, ".", "_" and "-", at most 64, beginning with a letter or digit',
});

/** A name that people read only: one line, not empty. */
export const title = z
  .string()
  .regex(/^\S(?:[^\p{Cc}]{0,98}\S)?$/u, { error: "must be one line of at most 100 characters" });

export const text = z.string().min(1, { error: "must not be empty" });

const countError = { error: 'must be a whole number or a percentage, such as 5 or "20%"' };

/** A whole number, or a percentage written `20%`. */
export const count = z
  .union(
    [
      z.int(countError).min(0, countError).max(1_000_000, countError),
      z.string().regex(/^\d{1,3}(\.\d{1,2})?%$/, countError),
    ],
    countError,
  )
  .transform((written): Count => {
    return typeof written === "number"
      ? { number: written }
      : { percent: Number(written.slice(0, -1)) };
  });

/** A text, or a number or truth that is taken as the text it was written as. */
export const scalar = z
  .union([z.string(), z.number(), z.boolean()], {
    error: "must be a text, a number, true or false",
  })
  .transform((value) => String(value));

/** Named texts. Which names are allowed is reviewed apart, to say more than a pattern can. */
export const vars = z.record(z.string(), scalar);

export const argv = z
  .array(text, { error: "must be a list of words: the program and its arguments" })
  .min(1, { error: "must name a program" });

/** The user that commands run as; `false` is nobody else than the login user. */
export const become = z
  .union([z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/), z.literal(false)], {
    error: "must be the name of a user, such as root, or false",
  })
  .transform((user) => (user === false ? "" : user));
