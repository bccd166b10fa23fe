import { readFile } from "node:fs/promises";
import { oneLine } from "../core/printable.ts";
import type { ProbeContext } from "../ports/probe-kind.ts";
import type { TlsOptions } from "./http-args.ts";

/** Bytes of a file of certificates that are read. */
const bytesMax = 4 * 1024 * 1024;

export interface Trust {
  /** Path of a PEM file on the machine that asks; null: what that machine trusts. */
  readonly caFile: string | null;
  /** Its content, where the controller asks. */
  readonly ca: Uint8Array | null;
  /** The certificate is not looked at. */
  readonly insecure: boolean;
}

/** What a probe trusts, read anew for each look, so that a renewed file counts at once. */
export async function certificateAuthority(
  given: TlsOptions | undefined,
  context: Pick<ProbeContext, "place">,
): Promise<Trust | { readonly trouble: string }> {
  const insecure = given?.insecure === true;
  const caFile = given?.ca ?? null;
  if (caFile === null || context.place === "host") return { caFile, ca: null, insecure };
  try {
    const ca = await readFile(caFile);
    if (ca.length > bytesMax) return { trouble: `"${caFile}" is longer than ${bytesMax} bytes` };
    return { caFile, ca, insecure };
  } catch (problem) {
    const words = problem instanceof Error ? problem.message : String(problem);
    return {
      trouble: `the file of \`tls.ca\` can't be read here: ${oneLine(words, { max: 200 })}`,
    };
  }
}
