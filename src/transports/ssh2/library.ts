import type library from "ssh2";

/** The ssh2 library as a value. */
export type Ssh2 = typeof library;

/** Loads the library at the first connection: nothing else of Handrail needs to wait for it. */
export async function loadSsh2(): Promise<Ssh2> {
  const loaded = await import("ssh2");
  // CommonJS: Node finds only some of its names as exports of their own.
  return loaded.default;
}
