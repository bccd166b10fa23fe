import type { SecretSource } from "../core/plan/plan.ts";
import type { Io } from "./io.ts";

/**
 * The journal was cleaned of secrets when it was written. What the environment knows of them is
 * struck out once more, because these texts leave the house; no program is run for that.
 */
export function knownSecrets(
  sources: Readonly<Record<string, SecretSource>>,
  env: Io["env"],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(sources).flatMap(([name, source]) => {
      const value = "env" in source ? (env[source.env] ?? "") : "";
      return value.length < telling ? [] : [[name, value]];
    }),
  );
}

/** Shorter values may stand in any text by chance. */
const telling = 8;
