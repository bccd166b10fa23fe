import { spawn } from "node:child_process";
import { once } from "node:events";
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
      "flawed-fix/plan.yaml",
      "--inventory",
      "inventory.yaml",
      // The demo's fix has halted before, and is refused for it.
      "--despite",
      studio.rollouts.at(-1) ?? "",
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
    // What it waits for counts down.
    await page.getByRole("timer").first().waitFor({ timeout: waitMaxMs });
    const running = studio.picture("live-running");
    await page.screenshot({ path: running });
    await page.locator(".outcome .word", { hasText: "HALTED" }).waitFor({ timeout: waitMaxMs });
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
