import { readFile } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
import type { Identity } from "./hop.ts";
import type { Ssh2 } from "./library.ts";

/** What an identity file turned out to be. */
export type LoadedKey =
  | { readonly kind: "private"; readonly key: ParsedKey }
  /** Needs a passphrase, or is a public key alone: usable if the agent has it. */
  | { readonly kind: "agent-only"; readonly publicKey: ParsedKey | null; readonly because: string }
  | { readonly kind: "missing" }
  /** ssh2 can't use such a key, e.g. one that lives in a FIDO token. */
  | { readonly kind: "unfit"; readonly because: string };

/** Identity files by path. Each is read and parsed once, however many hosts use it. */
export class KeyRing {
  readonly #loaded = new Map<string, Promise<LoadedKey>>();

  load(ssh2: Ssh2, identity: Identity): Promise<LoadedKey> {
    const known = this.#loaded.get(identity.file);
    if (known !== undefined) return known;
    const loading = loadKey(ssh2, identity.file);
    this.#loaded.set(identity.file, loading);
    return loading;
  }
}

async function loadKey(ssh2: Ssh2, file: string): Promise<LoadedKey> {
  const text = await readIfThere(file);
  if (text === null) return { kind: "missing" };
  const parsed = parse(ssh2, text);
  if (parsed instanceof Error) {
    if (!/passphrase/i.test(parsed.message)) {
      return { kind: "unfit", because: `"${file}" is no key that ssh2 can use: ${parsed.message}` };
    }
    const beside = await readIfThere(`${file}.pub`);
    const publicKey = beside === null ? null : parse(ssh2, beside);
    return {
      kind: "agent-only",
      publicKey: publicKey instanceof Error ? null : publicKey,
      because: `"${file}" has a passphrase (ssh-add it to the agent)`,
    };
  }
  if (parsed.isPrivateKey()) return { kind: "private", key: parsed };
  return { kind: "agent-only", publicKey: parsed, because: `"${file}" is a public key` };
}

function parse(ssh2: Ssh2, text: Buffer): ParsedKey | Error {
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text);
  if (!Array.isArray(parsed)) return parsed;
  return parsed[0] ?? new Error("there is no key in it");
}

async function readIfThere(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
