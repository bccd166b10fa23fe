import type { Host } from "../../src/core/plan/inventory.ts";

/** This machine as a host of a fleet, reached without ssh. */
export function localHost(name: string, spool = "/var/lib/handrail"): Host {
  const login = { user: null, port: null, identity: null, become: null };
  return { name, address: "127.0.0.1", via: "local", ...login, spool };
}
