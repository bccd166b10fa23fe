import { z } from "zod";

/** A web address, or a name that will be one. */
export const webAddress = z
  .string()
  .refine((text) => text.startsWith("${") || /^https?:\/\/[^/\s]+/.test(text), {
    error: "must begin with http:// or https:// and name a host",
  });

/** Where an address leads, without what must stay secret in it: "status.example.com:8443". */
export function hostOf(address: string): string {
  const [, secret] = /^\$\{secret\.(\w+)\}/.exec(address) ?? [];
  if (secret !== undefined) return `the address in secret ${secret}`;
  const [, authority = address] = /^https?:\/\/([^/?#\s]+)/.exec(address) ?? [];
  return authority.slice(authority.lastIndexOf("@") + 1);
}

/** A value that stands in no plan, but is named there. */
export const secretName = z.string().regex(/^\$\{secret\.[A-Za-z_][A-Za-z0-9_]*\}$/, {
  error: "must be a secret of the plan, as in ${secret.token}",
});
