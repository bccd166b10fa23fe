#!/usr/bin/env node
// Plain JavaScript that older releases of Node can read, so that they can say what is wrong with
// them. Everything else is in src/cli.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import * as module from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const nodeMajorMin = 24;
const exitRefused = 3;
const home = dirname(dirname(fileURLToPath(import.meta.url)));

if (Number.parseInt(process.versions.node, 10) < nodeMajorMin) runWithNewerNode();
else await run();

async function run() {
  hideWarningsOfFeaturesInUse();
  if (!isSomewhere()) {
    console.error(
      "handrail: the folder in which this was called is not there any more\n" +
        "  next: cd to one that is, and type the same again",
    );
    process.exitCode = exitRefused;
    return;
  }
  const cache = codeCache();
  if (cache !== null) module.enableCompileCache(cache);
  const source = join(home, "src", "cli", "main.ts");
  const built = join(home, "dist", "cli", "main.js");
  const { start } = await import(pathToFileURL(existsSync(source) ? source : built).href);
  await start();
}

/** false: the working folder was removed under us, and a relative path has no meaning. */
function isSomewhere() {
  try {
    return process.cwd() !== "";
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/**
 * Not the default folder below /tmp, nor one below where we were started: another user might have put
 * code there before us. null: no folder of this user is known, as in a container with a user of a
 * number only.
 */
function codeCache() {
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME, HOME } = process.env;
  if (NODE_COMPILE_CACHE) return NODE_COMPILE_CACHE;
  const caches = [XDG_CACHE_HOME, HOME && join(HOME, ".cache")];
  const cache = caches.find((folder) => folder && isAbsolute(folder));
  return cache ? join(cache, "handrail", "code") : null;
}

/** node:sqlite, type stripping and execve are what Handrail is made for; all other warnings are shown. */
function hideWarningsOfFeaturesInUse() {
  const emit = process.emit;
  process.emit = function (name, warning, ...rest) {
    const known = /^(SQLite|Type Stripping|process\.execve) is an experimental feature/;
    if (name === "warning" && warning?.name === "ExperimentalWarning") {
      if (known.test(warning.message)) return false;
    }
    return emit.call(this, name, warning, ...rest);
  };
}

/** In a checkout npm has installed the right Node beside us, whatever is first in PATH. */
function runWithNewerNode() {
  const node = installedNode();
  const script = fileURLToPath(import.meta.url);
  if (node === null || node === process.execPath) {
    console.error(
      `handrail: Node ${nodeMajorMin} or newer is needed, and this is ${process.versions.node} (${process.execPath})\n` +
        `  next: install Node ${nodeMajorMin} from https://nodejs.org, put it first in PATH, and type the same again`,
    );
    process.exitCode = exitRefused;
    return;
  }
  const words = [script, ...process.argv.slice(2)];
  if (typeof process.execve === "function") {
    // The newer Node takes our place: no process stands between it and who started us.
    hideWarningsOfFeaturesInUse();
    process.execve(node, [node, ...words], process.env);
  }
  // The channel tells the child when we are gone, also by kill -9: see src/cli/parent-watch.ts.
  const child = spawn(node, words, { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  // A terminal sends its signals to both of us; src/cli/interrupts.ts counts such a pair as one.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`handrail: can't start ${node}: ${error.message}`);
    process.exitCode = exitRefused;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function installedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    const path = join(dirname(manifest), "bin", "node");
    return existsSync(path) ? path : null;
  } catch (error) {
    if (error.code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}
