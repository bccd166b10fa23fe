import { execFileSync } from "./bounded-process.ts";

/** A Node that is too old for Handrail; null: this machine has none. */
export function oldNode(): string | null {
  for (const path of ["/usr/bin/node", "/usr/local/bin/node", "/bin/node"]) {
    try {
      const version = execFileSync(path, ["--version"], { encoding: "utf8" });
      if (Number(/^v(\d+)/.exec(version)?.[1]) < 24) return path;
    } catch {
      continue; // Not there: the next place.
    }
  }
  return null;
}
