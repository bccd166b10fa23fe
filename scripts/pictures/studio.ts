import { spawn } from "node:child_process";
import { cp, mkdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { type DemoFleet, startDemoFleet } from "../../fixtures/demo/fleet/start-fleet.ts";
import { startBrowser } from "../../test/support/browser.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** Pictures that belong together, and how they are made. */
export interface PictureSet {
  readonly name: string;
  /** Gives the paths of the pictures that it made. */
  make(studio: Studio): Promise<readonly string[]>;
}

/** A running fleet, a place to call handrail from as people do, and a browser to look with. */
export interface Studio extends AsyncDisposable {
  readonly fleet: DemoFleet;
  readonly browser: Browser;
  /** Has the inventory and the demo's plans: `good-fix/plan.yaml`, `flawed-fix/plan.yaml`. */
  readonly folder: string;
  /** `handrail` is in its PATH, and its journal is the fleet's. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ids of the rollouts so far, oldest first; see `Studio.handrail`. */
  readonly rollouts: string[];
  /** Where a picture of this name goes: docs/pictures/NAME.png. */
  picture(name: string): string;
  /** Runs handrail without a terminal; gives what it printed. Any exit code will do. */
  handrail(args: readonly string[]): Promise<string>;
}

/** Starts all of it. Disposing of it ends every process, and removes all but the pictures. */
export async function openStudio(): Promise<Studio> {
  const pictures = join(checkout, "docs", "pictures");
  await mkdir(pictures, { recursive: true });
  const fleet = await startDemoFleet();
  try {
    const folder = join(fleet.root, "fixes");
    await cp(join(checkout, "fixtures", "demo", "plans"), folder, { recursive: true });
    await cp(fleet.inventory, join(folder, "inventory.yaml"));
    const programs = join(fleet.root, "programs");
    await mkdir(programs);
    await symlink(join(checkout, "bin", "handrail.js"), join(programs, "handrail"));
    const environment = {
      ...fleet.environment,
      HANDRAIL_STATE: join(fleet.root, "state"),
      PATH: [programs, process.env["PATH"] ?? ""].join(delimiter),
    };
    const browser = await startBrowser();
    return {
      fleet,
      browser,
      folder,
      environment,
      rollouts: [],
      picture: (name) => join(pictures, `${name}.png`),
      handrail: (args) => output(args, folder, environment),
      async [Symbol.asyncDispose]() {
        await browser.close();
        await fleet[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await fleet[Symbol.asyncDispose]();
    throw error;
  }
}

/** Longer than any rollout of the demo takes. */
const runMaxMs = 300_000;

async function output(
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { SSH_AUTH_SOCK: _agent, ...inherited } = process.env;
  const child = spawn("handrail", args, {
    cwd,
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: runMaxMs,
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return text;
}
