import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { PictureSet, Studio } from "./studio.ts";

/** The live page: a flawed rollout while it runs, with what can be asked of it, and once it has halted. */
export const livePictures: PictureSet = {
  name: "the live page",
  async make(studio) {
    await using served = await serve(studio);
    const page = await studio.browser.newPage({ viewport: { width: 1_200, height: 900 } });
    await page.goto(served.address);
    const before = new Set(await rolloutsOn(page));
    const ended = studio.handrail([
      "apply",
      await withLongerBakes(studio),
      "--inventory",
      "inventory.yaml",
    ]);
    const link = page.locator("table.rollouts tr", { hasText: "RUNNING" }).getByRole("link");
    await link.waitFor({ timeout: waitMaxMs });
    const started = (await rolloutsOn(page)).find((id) => !before.has(id));
    await link.click();
    // The first region is sealed, the second is at work.
    await page
      .locator("details.region", { hasText: /sealed: \d/ })
      .first()
      .waitFor({ timeout: waitMaxMs });
    await page.getByText("Pause", { exact: true }).first().click();
    const running = studio.picture("live-running");
    const over = page.locator(".outcome .word", { hasText: "HALTED" });
    // While something counts down: a bake may end before the picture is taken.
    const counts = page.getByRole("timer").filter({ hasText: / left$/ });
    for (let isTaken = false; !isTaken;) {
      await counts.or(over).first().waitFor({ timeout: waitMaxMs });
      if (await over.isVisible()) throw new Error("no bake was seen that counts down");
      await page.screenshot({ path: running });
      isTaken = await counts.first().isVisible();
    }
    await over.waitFor({ timeout: waitMaxMs });
    await ended;
    if (started !== undefined) studio.rollouts.push(started);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 844 });
    const halted = studio.picture("live-halted-telephone-dark");
    await page.screenshot({ path: halted });
    await page.close();
    return [running, halted];
  },
};

/** The demo's flawed fix with bakes that one can look at, as its own are over at once. */
async function withLongerBakes({ folder }: Studio): Promise<string> {
  const text = await readFile(join(folder, "flawed-fix/plan.yaml"), "utf8");
  const longer = text.replaceAll("stable: 250ms", "stable: 6s");
  if (longer === text) throw new Error("the demo's fix has other bakes now");
  const name = "flawed-fix/longer-bakes.yaml";
  await writeFile(join(folder, name), longer);
  return name;
}

/** Longer than any rollout of the demo takes, also on a machine that is at work elsewhere. */
const waitMaxMs = 900_000;

async function rolloutsOn(page: Page): Promise<readonly string[]> {
  await page.locator("[data-part=rollouts] > *").first().waitFor();
  return page.locator("table.rollouts a").allTextContents();
}

async function serve({ folder, environment }: Studio) {
  const child = spawn("handrail", ["serve", "--allow-actions"], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(child.stdout, "data");
  return {
    address: String(line).trim(),
    async [Symbol.asyncDispose]() {
      const closed = once(child, "close");
      child.kill("SIGINT");
      await closed;
    },
  };
}
