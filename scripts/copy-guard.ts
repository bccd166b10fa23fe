// The guard is shell text beside the client that sends it; tsc copies TypeScript only.
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";

const from = new URL("../src/host/", import.meta.url);
const into = new URL("../dist/host/", import.meta.url);

mkdirSync(into, { recursive: true });
for (const name of readdirSync(from)) {
  if (name.endsWith(".sh")) copyFileSync(new URL(name, from), new URL(name, into));
}
