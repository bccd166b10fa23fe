import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const programFolder = fileURLToPath(new URL("bin", import.meta.url));

/** Handrail compiled once for all tests, also where each has a home of its own. */
export const codeCache = { NODE_COMPILE_CACHE: join(tmpdir(), "handrail-test-code") };

/** The environment of somebody who has handrail in PATH, without what npm tells its scripts. */
export function plainEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return {
    ...Object.fromEntries(own),
    ...codeCache,
    PATH: [programFolder, process.env["PATH"] ?? ""].join(delimiter),
  };
}
