import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { begin, churn, observe, settle, step, walk } from "./support/in-churn.ts";
import {
  clock,
  dash,
  describeWithShells,
  isRoot,
  rootOnly,
  ShellHost,
  valueOf,
} from "./support/shell-hosts.ts";
import { isLong, longOnly } from "../support/long-suite.ts";

/** Files that come and go in a second, as the full run in test/soak/churn.ts has them. */
const perSecond = 20;

/** A busy machine takes many times as long for a step as an idle one. */
const timeoutMs = 240_000;

/** Four seconds of quiet windows are known before the first step. */
const watchMs = 4_000;

test.skipIf(!isLong)(
  `while files come and go, no harmless step is blamed, and harm is found every time${longOnly}`,
  { timeout: timeoutMs },
  async () => {
    await using host = await ShellHost.start(dash);
    settle(host);
    await using app = await churn(host, { perSecond, seed: 4 });
    await clock.sleep(1_000);
    const guard = await begin(host, watchMs);
    const walked = await walk(guard, host, { harmlessSteps: 8, rounds: 1, prevent: false });
    expect(walked).toMatchObject({ blamed: [], missed: [], steps: 12 });
    // The application did live meanwhile: else this has shown nothing.
    expect(walked.churned).toBeGreaterThan(20);
    expect(app.process.exitCode).toBeNull();
  },
);

test.skipIf(!isRoot || !isLong)(
  `with the tree closed to the steps, harm can't be done and nobody is blamed${rootOnly || longOnly}`,
  { timeout: timeoutMs },
  async () => {
    await using host = await ShellHost.start(dash);
    settle(host);
    await using app = await churn(host, { perSecond, seed: 5 });
    await clock.sleep(1_000);
    const guard = await begin(host, watchMs);
    const walked = await walk(guard, host, { harmlessSteps: 4, rounds: 1, prevent: true });
    expect(walked).toMatchObject({ blamed: [], missed: [], steps: 8 });
    expect(app.process.exitCode).toBeNull();
  },
);

describeWithShells((userland) => {
  test("a tree that stands still costs two looks and no waiting", async () => {
    await using host = await ShellHost.start(userland);
    settle(host);
    const guard = await host.open();
    // The looks lie a second apart. One that lives would be watched for four.
    expect(await observe(guard, host, 4_000)).toBeLessThan(3_000);
    // A file that is written in place is no sign of coming and going.
    host.sh("echo more >>logo.png");
    expect(await observe(guard, host, 6_000)).toBeLessThan(5_500);
  });

  test("a tree in which something comes a moment after the first look is watched", async () => {
    await using host = await ShellHost.start(userland);
    settle(host);
    const guard = await host.open();
    const order = { paths: [host.tree], watchMs: 3_000 };
    valueOf(await guard.observe(order));
    const [second] = await Promise.all([
      guard.observe(order),
      clock.sleep(300).then(() => writeFile(join(host.tree, "upload-1.part"), "body")),
    ]);
    expect(valueOf(second).watchedMs).toBeGreaterThanOrEqual(3_000);
  });

  test("a tree that lives is watched, and what it loses so is churn", async () => {
    await using host = await ShellHost.start(userland);
    settle(host);
    await using app = await churn(host, { perSecond: 40, seed: 6 });
    const guard = await host.open();
    expect(await observe(guard, host, 3_000)).toBeGreaterThanOrEqual(3_000);
    await step(guard, host, { number: 1, script: "sleep 0.5", prevent: false });
    const judged = await step(guard, host, {
      number: 2,
      script: "sleep 0.5; rm logo.png",
      prevent: false,
    });
    expect(judged.verdict.findings.map(({ examples }) => examples.map(({ path }) => path))).toEqual(
      [[`${host.tree}/logo.png`]],
    );
    expect(judged.verdict.counts["churned"]).toBeGreaterThan(0);
    expect(app.process.exitCode).toBeNull();
  });
});
