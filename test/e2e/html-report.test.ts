import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JournalRecord } from "../../src/ports/journal.ts";
import { page as html } from "../../src/views/html/page.ts";
import { pictureOf } from "../../src/views/picture/picture-of.ts";
import { type TempFolder, tempFolder } from "../cli/run-handrail.ts";
import { describeWithBrowser, seriousFindings, startBrowser } from "../support/browser.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { scenario } from "../views/support/scenarios.ts";

/** What must stay text, whoever sends it. */
const attacks = [
  "<script>globalThis.pwned = 1</script>",
  `"><img src="x" onerror="globalThis.pwned = 1">`,
  "</style></title></svg><svg onload=globalThis.pwned=1>",
  "]]> --> <!-- {{7*7}}",
  "\x1b[2J\x1b]0;pwned\x07 \u202egnp.exe \u2066x\u2069 \u0000",
];

/** The records of a rollout in which hosts, plans and people say nothing but that. */
function hostileRecords(): readonly JournalRecord[] {
  const spoiled = JSON.stringify(
    scenario("incident, asked and rolled back").map(({ record }) => record),
    (key, value: unknown) =>
      typeof value === "string" && spoiledKeys.has(key) ? `${value} ${attacks.join(" ")}` : value,
  );
  return JSON.parse(spoiled);
}

/** Texts that they write; names that the fold goes by stay as they are. */
const spoiledKeys = new Set(
  "message hint detail because output reason summary by text sentence path did policy why tool".split(
    " ",
  ),
);

/** Rollouts whose pages have little in common. */
const unlike = [
  "goes well",
  "refused",
  "noisy",
  "rollback fails",
  "approved too long ago",
  "undone",
];

describeWithBrowser("the report in Chromium", () => {
  let folder: TempFolder;
  let browser: Browser;

  beforeAll(async () => {
    folder = await tempFolder();
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await folder[Symbol.asyncDispose]();
  });

  /** The report of these records, opened from the disk as people do, with all that went wrong there. */
  async function opened(
    records: readonly JournalRecord[],
    options: BrowserContextOptions = {},
  ): Promise<{ readonly page: Page; readonly trouble: readonly string[] }> {
    const file = join(folder.path, `report-${(files += 1)}.html`);
    await writeFile(file, html(pictureOf(records)!));
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const trouble: string[] = [];
    page.on("console", (message) => trouble.push(message.text()));
    page.on("pageerror", (error) => trouble.push(String(error)));
    page.on("dialog", (dialog) => trouble.push(dialog.message()));
    const address = pathToFileURL(file).href;
    page.on("request", (request) => {
      if (request.url() !== address) trouble.push(request.url());
    });
    await page.goto(address);
    return { page, trouble };
  }
  let files = 0;
  const incident = scenario("incident").map(({ record }) => record);

  test("leaves what hosts print as text, runs none of it, and loads nothing", async () => {
    const { page, trouble } = await opened(hostileRecords());
    await page.locator("#unfold").click();
    expect(await page.evaluate("globalThis.pwned ?? null")).toBeNull();
    expect(await page.locator("script").count()).toBe(1);
    expect(await page.locator("img, iframe, object, link, form").count()).toBe(0);
    const text = await page.locator("body").innerText();
    for (const attack of attacks.slice(0, 4)) expect(text).toContain(attack);
    expect(text).toContain("\\x1b[2J\\x1b]0;pwned\\x07 \\u{202e}gnp.exe \\u{2066}x\\u{2069} \\x00");
    expect(trouble).toEqual([]);
  });

  test.skipIf(!isLong)(`has no serious finding of axe${longOnly}`, async () => {
    const { page } = await opened(incident);
    await page.locator("#unfold").click();
    expect(await seriousFindings(page)).toEqual([]);
  });

  test("says what went wrong first, in headings and landmarks that can be jumped to", async () => {
    const { page } = await opened(incident);
    const heads = await page.locator("h1, h2").allInnerTexts();
    expect(heads).toEqual([
      "kb-4711-session-redirect: Expired sessions go to the login page again.",
      "What went wrong",
      "Timeline",
      "Users, as the probes saw them",
      "Verdicts",
      "Decisions and approvals",
      "Plan, as run",
      "Record",
    ]);
    expect(await page.getByRole("main").count()).toBe(1);
    expect(await page.getByRole("navigation").count()).toBe(1);
    const row = page.getByRole("row", { name: /^bad: cn01/ });
    expect(await row.getByRole("img").getAttribute("aria-label")).toBe(
      "cn01 rolled back, verified, 03:13:32Z to 03:13:41Z, 9.1 s, 2 steps, harm seen, 1 recovery, rolled back",
    );
  });

  test("can be read with the keyboard alone, and shows where it is", async () => {
    const { page } = await opened(incident);
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "To the content" });
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    expect((await skip.boundingBox())?.x).toBeGreaterThanOrEqual(0);
    const outline = "getComputedStyle(document.activeElement).outlineStyle";
    expect(await page.evaluate(outline)).toBe("solid");
    const story = page.locator("#story-cn01");
    await story.locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await story.getAttribute("open")).not.toBeNull();
    expect(await story.locator("tbody").innerText()).toContain(
      "CONTRACT BROKEN: 3 entries deleted",
    );
  });

  test.skipIf(!isLong)(`fits a telephone, and unfolds for paper${longOnly}`, async () => {
    const { page } = await opened(incident, { viewport: { width: 360, height: 740 } });
    await page.locator("#unfold").click();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    await page.locator("#unfold").click();
    const folded = page.locator("details:not([open]):not([data-long])");
    expect(await folded.count()).toBeGreaterThan(3);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await folded.count()).toBe(0);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await folded.count()).toBeGreaterThan(3);
  });

  test("unfolds what a link leads into, and tells its story without a script, too", async () => {
    const { page } = await opened(incident, { javaScriptEnabled: false });
    const text = await page.locator("#what-happened").innerText();
    expect(text).toContain("were not back within 2 s");
    expect(text).toContain("handrail report kb-4711-20261123-0312-7f3a");
    const { page: scripted } = await opened(incident);
    await scripted.locator("#region-cn > summary").click();
    expect(await scripted.locator("#region-cn").getAttribute("open")).toBeNull();
    await scripted.locator("#what-happened h3 a").click();
    await expect.poll(() => scripted.locator("#instance-cn01").isVisible()).toBe(true);
  });

  describe.skipIf(!isLong)(`of every kind of rollout${longOnly}`, () => {
    test("has no serious finding of axe on dark and on a telephone", async () => {
      for (const options of [
        { colorScheme: "dark" },
        { viewport: { width: 360, height: 740 } },
      ] as const) {
        const { page } = await opened(incident, options);
        await page.locator("#unfold").click();
        expect(await seriousFindings(page)).toEqual([]);
      }
    });

    test.each(unlike)("has no serious finding of axe: %s", async (name) => {
      const { page, trouble } = await opened(scenario(name).map(({ record }) => record));
      await page.locator("#unfold").click();
      expect(await seriousFindings(page)).toEqual([]);
      expect(trouble).toEqual([]);
    });
  });
});
