import { readFileSync } from "node:fs";

let known: string | null = null;

/** Handrail's own version, from its package.json. */
export function toolVersion(): string {
  if (known === null) {
    const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    const manifest: unknown = JSON.parse(text);
    const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
    known = hasVersion ? String(manifest.version) : "unknown";
  }
  return known;
}
