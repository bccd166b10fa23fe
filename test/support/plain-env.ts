import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

const programFolder = fileURLToPath(new URL("bin", import.meta.url));

/** The environment of somebody who has handrail in PATH, without what npm tells its scripts. */
export function plainEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: [programFolder, process.env["PATH"] ?? ""].join(delimiter),
  };
}
