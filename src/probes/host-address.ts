import { z } from "zod";

/** "host:port", with an IPv6 address in brackets. Variables may stand for either. */
const addressPattern = /^(?:\[(?:[^\]]+)\]|(?:\$\{[^}]*\}|[^:\s[\]$])+):(?:\$\{[^}]*\}|\d{1,5})$/;

export const hostAddress = z
  .string()
  .regex(addressPattern, { error: 'must be "host:port" (an IPv6 address in brackets)' });

/** Host, without brackets, and port; null when variables made it something else. */
export function readAddress(text: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([^\]\s]+)\]|([^:\s[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? 0);
  if (match === null || port < 1 || port > 65_535) return null;
  return { host: match[1] ?? match[2]!, port };
}
