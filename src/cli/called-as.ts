import { accessSync, constants, realpathSync } from "node:fs";
import { basename, delimiter, isAbsolute, join, relative } from "node:path";

export interface Call {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** As it was started: absolute, links in it not followed. */
  readonly script: string;
}

/**
 * How handrail was called, so that what is suggested can be typed as it stands: `npx handrail`,
 * `npm run handrail --`, `handrail` where PATH leads to this very program, else its path.
 */
export function calledAs({ env, cwd, script }: Call): string {
  // npm tells what it was asked to run; a program below npx that calls handrail is another matter.
  const asked = (env["npm_lifecycle_script"] ?? "").replace(/["']/g, "").trim();
  if (env["npm_command"] === "exec" && asked === "handrail") return "npx handrail";
  if (
    (env["npm_command"] ?? "").startsWith("run") &&
    /^(\S*node )?\S*handrail(\.js)?$/.test(asked)
  ) {
    return `npm run ${env["npm_lifecycle_event"] ?? "handrail"} --`;
  }
  const inPath = (env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "handrail"));
  const found = inPath.find((path) => isProgram(path));
  if (found !== undefined && realPath(found) === realPath(script)) return "handrail";
  const near = relative(cwd, script);
  const path = near.startsWith("..") ? script : isAbsolute(near) ? near : join(".", near);
  const typed = isAbsolute(path) ? shellWord(path) : shellWord(`./${path}`);
  return isProgram(script) ? typed : `node ${typed}`;
}

/** A word for a POSIX shell, bare where it may be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return basename(path) !== "";
  } catch {
    // Not there, or not for us: it can't be called so.
    return false;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Gone since it was started, or never a file: it is compared as it is written.
    return path;
  }
}
