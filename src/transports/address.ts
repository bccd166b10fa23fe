import type { Host } from "../core/plan/inventory.ts";

/** Longer than any DNS name (253) with a zone; a bound, not a rule of DNS. */
const lengthMax = 300;

/**
 * Why the address or the user of a host can't be handed to an ssh program or config, as a clause
 * with the value in quotes; null when both are harmless. A value that begins with `-` would be read
 * as an option, and one with shell characters could run commands through a ProxyCommand that
 * mentions `%h` or `%r` (CVE-2023-51385).
 */
export function addressProblem(host: Pick<Host, "address" | "user" | "port">): string | null {
  const { address, user, port } = host;
  if (address.length > lengthMax || !/^[\p{L}\p{N}_:][\p{L}\p{N}_.:%+-]*$/u.test(address)) {
    return `the address ${JSON.stringify(address)} is neither a name nor an IP address`;
  }
  if (user !== null && !isPlainUser(user)) {
    return `the user ${JSON.stringify(user)} can't be a login name`;
  }
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    return `the port "${port}" is not a number from 1 to 65535`;
  }
  return null;
}

/** The rule of OpenSSH's own valid_ruser(), with white space refused too. */
function isPlainUser(user: string): boolean {
  if (user === "" || user.length > lengthMax || user.startsWith("-")) return false;
  return !/[\s\p{Cc}'"`;&<>|(){}$]/u.test(user) && !user.endsWith("\\");
}
