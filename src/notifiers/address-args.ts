import { z } from "zod";

/** A web address, or a name that will be one. */
export const webAddress = z
  .string()
  .refine((text) => text.startsWith("${") || /^https?:\/\/[^/\s]+/.test(text), {
    error: "must begin with http:// or https:// and name a host",
  });

/** A value that stands in no plan, but is named there. */
export const secretName = z.string().regex(/^\$\{secret\.[A-Za-z_][A-Za-z0-9_]*\}$/, {
  error: "must be a secret of the plan, as in ${secret.token}",
});
