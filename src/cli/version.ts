import { readFileSync } from "node:fs";

let known: string | null = null;

/** Version of this tool, e.g. "0.1.0". */
export function toolVersion(): string {
  if (known !== null) return known;
  // Two folders up from src/cli and from dist/cli alike.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const manifest: unknown = JSON.parse(text);
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  known = hasVersion ? String(manifest.version) : "unknown";
  return known;
}
