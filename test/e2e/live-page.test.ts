import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RolloutEvent } from "../../src/core/event.ts";
import type { JournalRecord } from "../../src/ports/journal.ts";
import { describeWithBrowser, seriousFindings, startBrowser } from "../support/browser.ts";
import { liveWorld, type LiveWorld } from "../support/live-world.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { forwarder } from "../support/forwarder.ts";
import { planText, smallFleet } from "../support/small-fleet.ts";
import { scenario } from "../views/support/scenarios.ts";

const recordsOf = (name: string): readonly JournalRecord[] =>
  scenario(name).map(({ record }) => record);

const is =
  (kind: RolloutEvent["kind"]) =>
  ({ event }: JournalRecord): boolean =>
    event.kind === kind;
const inStep = ({ event }: JournalRecord): boolean =>
  event.kind === "intent" && event.action.kind === "apply";

const word = (page: Page, text: string): Promise<void> =>
  page.locator(".outcome .word", { hasText: text }).waitFor();

describeWithBrowser("the live page in Chromium", () => {
  let browser: Browser;

  beforeAll(async () => {
    // A name server that is not ours can give any name to this machine.
    browser = await startBrowser(["--host-resolver-rules=MAP evil.example 127.0.0.1"]);
  });

  afterAll(() => browser.close());

  interface Opened extends AsyncDisposable {
    readonly page: Page;
    /** What the browser complained about. */
    readonly trouble: readonly string[];
  }

  /** A page of a browser that has nothing yet, at the address that was printed. */
  async function open(
    { server, rollout }: LiveWorld,
    options: BrowserContextOptions = {},
  ): Promise<Opened> {
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    const trouble: string[] = [];
    page.on("console", (message) => trouble.push(message.text()));
    page.on("pageerror", (error) => trouble.push(String(error)));
    page.on("dialog", (dialog) => trouble.push(dialog.message()));
    await page.goto(server.address);
    await page.getByRole("link", { name: rollout }).click();
    await page.locator(".outcome").waitFor();
    return { page, trouble, [Symbol.asyncDispose]: () => context.close() };
  }

  test("opens with the printed address, follows the rollout, and passes a wish on", async () => {
    await using world = await liveWorld(recordsOf("incident"));
    await world.goOn(inStep);
    await using opened = await open(world);
    const { page, trouble } = opened;
    // The token is in no address that is kept, sent along, or seen by a script.
    expect(page.url()).not.toContain("token");
    expect(await page.evaluate("location.hash + document.cookie + document.referrer")).toBe("");
    expect(await page.evaluate("navigation.entries().map((it) => it.url).join()")).not.toContain(
      "token",
    );
    await word(page, "RUNNING");
    await page.getByText("Pause", { exact: true }).first().click();
    await page.getByLabel("Why, for the journal").first().fill("users complain");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator("#answer", { hasText: "asked to pause" }).waitFor();
    expect(await world.waiting()).toMatchObject([
      { wish: { kind: "pause" }, reason: "users complain" },
    ]);
    await world.goOn(is("halting"));
    await page.locator("#alarm").waitFor({ state: "attached" });
    await world.goOn();
    await word(page, "HALTED");
    expect(await page.locator("#alarm").textContent()).toMatch(/HALTED/);
    expect(await page.title()).toMatch(/^HALTED: /);
    expect(trouble.filter((it) => !it.includes("401"))).toEqual([]);
    expect(world.bugs).toEqual([]);
  });

  describe(`more of it${longOnly}`, { skip: !isLong }, () => {
    test("keeps what a person is at while the page becomes another", async () => {
      await using world = await liveWorld(recordsOf("goes well"));
      await world.goOn(inStep);
      await using opened = await open(world);
      const { page } = opened;
      await page.locator("#plan").scrollIntoViewIfNeeded();
      const region = page.locator("details.region").first();
      await region.locator("summary").first().click();
      const wasOpen = await region.evaluate((it) => it.hasAttribute("open"));
      await page.getByText("Abort, and take all of it back").first().click();
      const reason = page.locator("details.offer[open] input[name=reason]");
      await reason.fill("half typ");
      const top = await page.evaluate("scrollY");
      for (let times = 0; times < 5; times += 1) {
        const version = await page.locator("body").getAttribute("data-last");
        await world.goOn(inStep);
        await page.waitForTimeout(150);
        expect(version).not.toBe(null);
      }
      await world.goOn(is("region-sealed"));
      await page.locator("details.region", { hasText: "sealed" }).first().waitFor();
      expect(await reason.inputValue()).toBe("half typ");
      expect(await reason.evaluate((it) => it === it.ownerDocument.activeElement)).toBe(true);
      expect(await region.evaluate((it) => it.hasAttribute("open"))).toBe(wasOpen);
      expect(Math.abs(Number(await page.evaluate("scrollY")) - Number(top))).toBeLessThan(400);
      await page.keyboard.type("ed");
      expect(await reason.inputValue()).toBe("half typed");
    });

    test("leaves a wish, says in the verb's words what comes of it, and what it refuses", async () => {
      await using world = await liveWorld(recordsOf("goes well"));
      await world.goOn(inStep);
      await using opened = await open(world);
      const { page } = opened;
      const answer = page.locator("#answer");
      await page.getByText("Pause", { exact: true }).first().click();
      await page.getByLabel("Why, for the journal").first().fill("users complain");
      await page.getByRole("button", { name: "Pause" }).click();
      await answer.filter({ hasText: "asked to pause: it begins nothing new" }).waitFor();
      expect(await world.waiting()).toMatchObject([
        { wish: { kind: "pause" }, reason: "users complain" },
      ]);
      // Not offered twice, and shown to whoever else looks.
      await page.getByText("Asked, and not heard yet:").waitFor();
      await page.getByText("Go on", { exact: true }).first().waitFor();
      const back = page.locator("details.offer", { hasText: "take all of it back" });
      await back.locator("summary").click();
      await back.locator("input[name=typed]").fill("nowhere");
      await back.getByRole("button").click();
      await answer.filter({ hasText: "nothing was asked" }).waitFor();
      expect(await world.waiting()).toHaveLength(1);
      await back.locator("input[name=typed]").fill("apac");
      await back.getByRole("button").click();
      await answer.filter({ hasText: "asked to end, and to take all of it back" }).waitFor();
      expect(await world.waiting()).toMatchObject([
        { wish: { kind: "pause" } },
        { wish: { kind: "abort", rollback: true } },
      ]);
    });

    test("by keyboard alone a region is approved, and what came of it is read out", async () => {
      await using world = await liveWorld(recordsOf("waits for approval"));
      await world.goOn();
      await world.leave();
      await using opened = await open(world);
      const { page } = opened;
      await word(page, "PAUSED");
      const focused = (): Promise<string> =>
        page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()");
      const reach = async (text: string): Promise<void> => {
        for (let tabs = 0; tabs < 60; tabs += 1) {
          await page.keyboard.press("Tab");
          if ((await focused()).includes(text)) return;
        }
        throw new Error(`the keyboard does not reach ${text}`);
      };
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("To the content");
      await reach("Approve region cn");
      await page.keyboard.press("Enter");
      await reach("-reason");
      await page.keyboard.type("looked at apac");
      await reach("-typed");
      await page.keyboard.type("cn");
      await page.keyboard.press("Enter");
      await page.locator("#answer", { hasText: "your approval is recorded" }).waitFor();
      await page.waitForFunction("document.activeElement.id === 'answer'");
      expect(await page.locator("#answer").getAttribute("role")).toBe("status");
      expect(await world.waiting()).toMatchObject([{ wish: { kind: "approve", region: "cn" } }]);
      // Everything that a mouse reaches has its turn, and the focus can be seen.
      const unreachable = await page.evaluate(
        `[...document.querySelectorAll("a, button, input, summary")].filter((it) => it.tabIndex < 0).length`,
      );
      expect(unreachable).toBe(0);
    });

    test("is opened by nobody without the token, and says what to do", async () => {
      await using world = await liveWorld(recordsOf("goes well"));
      await world.goOn(inStep);
      const { origin, pathname } = new URL(world.server.address);
      await using context = await browser.newContext();
      const page = await context.newPage();
      for (const path of ["", `rollouts/${world.rollout}`, "#token=wrong"]) {
        await page.goto(`${origin}${pathname}${path}`);
        const text = (await page.textContent("body")) ?? "";
        expect(text).toContain("Go to the terminal in which it runs");
        expect(text).not.toContain("RUNNING");
      }
      await page.locator("#answer", { hasText: "of another start" }).waitFor();
      expect(page.url()).not.toContain("token");
      const refused = await page.request.post(
        `${origin}${pathname}rollouts/${world.rollout}/wishes`,
        { data: { verb: "pause", region: null, reason: "", typed: "" }, headers: { origin } },
      );
      expect(refused.status()).toBe(401);
      expect(await world.waiting()).toEqual([]);
    });

    test("asks nothing for a foreign page, however that page asks", async () => {
      await using world = await liveWorld(recordsOf("goes well"));
      await world.goOn(inStep);
      await using opened = await open(world);
      const { page } = opened;
      const { origin, pathname } = new URL(world.server.address);
      const wishes = `${origin}${pathname}rollouts/${world.rollout}/wishes`;
      const mark = await page.locator("meta[name=handrail-page]").getAttribute("content");
      await using foreign = await foreignServer(wishes, mark ?? "");
      // Another port of the same host is sent our cookie's way; another host is not even that.
      for (const host of ["127.0.0.1", "localhost", "evil.example"]) {
        const tab = await page.context().newPage();
        await tab.goto(`http://${host}:${foreign.port}/`);
        await tab.waitForFunction("globalThis.done === true");
        expect([host, await tab.evaluate("results")]).toEqual([
          host,
          {
            "fetch of JSON": "failed",
            "fetch of text, no-cors": "failed",
            "fetch of the page": "failed",
            "script of the page": "failed",
            "its events": "failed",
          },
        ]);
        await tab.click("button");
        await tab.waitForTimeout(300);
        expect(await tab.textContent("body")).not.toContain("asked to");
        const frame = tab.frames().find((it) => it !== tab.mainFrame());
        expect(
          await frame?.evaluate("document.body?.textContent ?? ''").catch(() => ""),
        ).not.toContain("RUNNING");
        await tab.close();
      }
      expect(await world.waiting()).toEqual([]);
      // It is the same browser all the while, and its own page may.
      await page.getByText("Pause", { exact: true }).first().click();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.locator("#answer", { hasText: "asked to pause" }).waitFor();
      expect(await world.waiting()).toHaveLength(1);
    });

    test("is no server of a foreign name that leads to this machine", async () => {
      await using world = await liveWorld(recordsOf("goes well"));
      await world.goOn(inStep);
      await using opened = await open(world);
      const { port, pathname, hash } = new URL(world.server.address);
      const evil = await opened.page.context().newPage();
      const answer = await evil.goto(`http://evil.example:${port}${pathname}${hash}`);
      expect(answer?.status()).toBe(403);
      expect(await evil.textContent("body")).toContain("This server is not http://evil.example");
      const sent = await evil.evaluate(
        `fetch(${JSON.stringify(`${pathname}session`)}, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token: ${JSON.stringify(hash.slice(7))} }) }).then((it) => it.status, () => 0)`,
      );
      // Its own policy forbids the request already; were it sent, the server would refuse it.
      expect([0, 403]).toContain(sent);
      expect(await evil.evaluate("document.cookie")).toBe("");
    });

    test("shows what hosts say as text, whatever they say", async () => {
      const attacks = [
        "<script>globalThis.pwned = 1</script>",
        `"><img src="x" onerror="globalThis.pwned = 1">`,
        "</title></svg><svg onload=globalThis.pwned=1>",
        "\u001B[2J\u001B]0;pwned\u0007 \u202Egnp.exe",
      ].join(" ");
      const keys = new Set("message hint detail because output reason by text".split(" "));
      const records: readonly JournalRecord[] = JSON.parse(
        JSON.stringify(recordsOf("incident"), (key, value: unknown) =>
          typeof value === "string" && keys.has(key) ? `${value} ${attacks}` : value,
        ),
      );
      await using world = await liveWorld(records);
      await world.goOn(inStep);
      await using opened = await open(world);
      const { page, trouble } = opened;
      await world.goOn();
      await word(page, "HALTED");
      await page.reload();
      await word(page, "HALTED");
      const text = (await page.textContent("body")) ?? "";
      expect(text).toContain("<script>globalThis.pwned = 1</script>");
      expect(text).toContain(String.raw`\x1b[2J\x1b]0;pwned\x07 \u{202e}gnp.exe`);
      expect(await page.evaluate("typeof globalThis.pwned")).toBe("undefined");
      expect(await page.locator("img, svg[onload], main script").count()).toBe(0);
      expect(trouble.filter((it) => !it.includes("401"))).toEqual([]);
    });

    test("says that the line is lost, that it is back, and that the server has ended", async () => {
      const sockets = new Set<Socket>();
      const collect = (message: unknown): void => {
        const { socket } = Object(message);
        if (socket instanceof Socket) sockets.add(socket);
      };
      subscribe("net.server.socket", collect);
      const world = await liveWorld(recordsOf("goes well"));
      await world.goOn(inStep);
      await using opened = await open(world);
      const { page } = opened;
      const lost = page.locator("#lost");
      await page.context().setOffline(true);
      for (const socket of sockets) socket.destroy();
      await lost.filter({ hasText: /^Connection lost at \d\d:\d\d:\d\dZ: / }).waitFor();
      // Meanwhile it goes on; what was missed is there when the line is back.
      await world.goOn();
      await page.waitForTimeout(300);
      await word(page, "RUNNING");
      await page.context().setOffline(false);
      await word(page, "SEALED");
      await lost.waitFor({ state: "hidden" });
      unsubscribe("net.server.socket", collect);
      await world[Symbol.asyncDispose]();
      await lost.filter({ hasText: "handrail serve has ended" }).waitFor();
      expect(world.bugs).toEqual([]);
    });

    test("counts down by the server's clock, whatever its own says", async () => {
      // Days lie between the clock of these records and the browser's, and then two hours more.
      const records: readonly JournalRecord[] = JSON.parse(
        JSON.stringify(recordsOf("goes well"), (key, value: unknown) =>
          key === "leftMs" || key === "ofMs" ? 90_000 : value,
        ),
      );
      await using world = await liveWorld(records);
      await world.goOn(({ event }) => event.kind === "noted" && event.note.kind === "bake.stage");
      await using context = await browser.newContext();
      await context.addInitScript("{ const now = Date.now; Date.now = () => now() + 7_200_000; }");
      const page = await context.newPage();
      const trouble: string[] = [];
      page.on("console", (message) => trouble.push(message.text()));
      await page.goto(world.server.address);
      await page.getByRole("link", { name: world.rollout }).click();
      const timer = page.getByRole("timer").first();
      await timer.filter({ hasText: /^stable, 1 min 2\d s of 90 s left$/ }).waitFor();
      await timer.filter({ hasText: /^stable, 1 min 2[0-7] s/ }).waitFor();
      // What is pushed meanwhile keeps it going, and once it is over the row is gone.
      await world.goOn(({ event }) => event.kind === "outcome" && event.action.kind === "bake");
      await page.getByText("apac batch 1: ap01").waitFor({ state: "detached" });
      expect(trouble.filter((it) => !it.includes("401"))).toEqual([]);
    });

    test("shows a first rollout as soon as it begins", async () => {
      await using world = await liveWorld(recordsOf("goes well"), { begun: false });
      const page = await browser.newPage();
      await page.goto(world.server.address);
      await page.getByText("No rollout yet; waiting").waitFor();
      await world.goOn(inStep);
      await page.getByRole("link", { name: world.rollout }).click();
      await word(page, "RUNNING");
      await page.close();
      expect(world.bugs).toEqual([]);
    });

    test("is whole through a tunnel that begins at another port", async () => {
      await using world = await liveWorld(recordsOf("goes well"));
      await world.goOn(inStep);
      const far = new URL(world.server.address);
      await using tunnel = await forwarder(Number(far.port));
      const page = await browser.newPage();
      await page.goto(`http://localhost:${tunnel.port}${far.pathname}${far.hash}`);
      await page.getByRole("link", { name: world.rollout }).click();
      await word(page, "RUNNING");
      await page.getByText("Pause", { exact: true }).first().click();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.locator("#answer", { hasText: "asked to pause" }).waitFor();
      await page.close();
      expect(await world.waiting()).toHaveLength(1);
    });

    const refusals: readonly (readonly [number, (at: URL) => string, string])[] = [
      [401, (at) => `${at.origin}${at.pathname}`, "go to the terminal in which it runs"],
      [403, (at) => `http://evil.example:${at.port}${at.pathname}`, "through a tunnel its name is"],
      [404, (at) => `${at.origin}/`, "open the whole address that"],
    ];
    test.each(refusals)(
      "is readable and says what to do where it refuses with %s",
      async (status, at, says) => {
        await using world = await liveWorld(recordsOf("goes well"));
        for (const colorScheme of ["light", "dark"] as const) {
          await using context = await browser.newContext({
            colorScheme,
            viewport: { width: 390, height: 700 },
          });
          const page = await context.newPage();
          const answer = await page.goto(at(new URL(world.server.address)));
          expect(answer?.status()).toBe(status);
          await page.getByRole("heading", { name: "What to do next" }).waitFor();
          expect((await page.textContent("main"))?.toLowerCase()).toContain(says);
          // Its looks are there, so its policy lets them be.
          expect(
            await page
              .locator("main")
              .evaluate((it) => it.ownerDocument.defaultView?.getComputedStyle(it).borderTopWidth),
          ).toBe("6px");
          expect(await seriousFindings(page)).toEqual([]);
        }
      },
    );

    test("has no serious finding of axe where there is no such rollout, and leads back", async () => {
      await using world = await liveWorld(recordsOf("goes well"));
      await world.goOn(inStep);
      await using opened = await open(world);
      const { page } = opened;
      const { origin, pathname } = new URL(world.server.address);
      const answer = await page.goto(`${origin}${pathname}rollouts/other`);
      expect(answer?.status()).toBe(404);
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole("link", { name: "All rollouts" }).click();
      await page.getByRole("link", { name: world.rollout }).waitFor();
    });

    const looks: readonly (readonly [string, string, (record: JournalRecord) => boolean])[] = [
      ["that runs", "goes well", inStep],
      ["that halted", "incident", () => false],
      ["that waits for approval", "waits for approval", () => false],
    ];
    test.each(looks)("has no serious finding of axe in a rollout %s", async (_, name, until) => {
      await using world = await liveWorld(recordsOf(name));
      await world.goOn(until);
      if (!until.name.startsWith("inStep")) await world.leave();
      for (const colorScheme of ["light", "dark"] as const) {
        const viewport = { width: colorScheme === "dark" ? 390 : 1280, height: 800 };
        await using opened = await open(world, { colorScheme, viewport });
        const { page } = opened;
        for (const it of await page.locator("details.offer > summary").all()) await it.click();
        expect(await seriousFindings(page)).toEqual([]);
        const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect(wide).toBeLessThanOrEqual(0);
        await page.getByRole("link", { name: "All rollouts" }).click();
        await page.locator("table.rollouts").waitFor();
        expect(await seriousFindings(page)).toEqual([]);
      }
    });
  });

  test(
    `follows a real rollout from its start, and harms no terminal by what hosts say${longOnly}`,
    { skip: !isLong },
    async () => {
      await using fleet = await smallFleet();
      const evil = String.raw`printf '<script>globalThis.pwned = 1</script> \033]0;pwned\007\033[2J\n'`;
      // It goes on once the page has shown that it is under way.
      const seen = join(fleet.folder, "seen");
      await fleet.writePlan(
        planText(
          `steps: [{ name: fix, run: '${evil.replaceAll("'", "''")} >&2; until test -e "${seen}"; do sleep 0.1; done; test $name != a2', undo: "true" }]`,
        ),
      );
      const apply = fleet.start(["apply", "plan.yaml", "--json"]);
      await apply.event(({ type }) => type === "rollout.started");
      const serve = fleet.start(["serve"]);
      const address = await serve.line(/^http:.*$/m);
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(address);
      await page.getByRole("link", { name: /^fix-/ }).click();
      await word(page, "RUNNING");
      await page.locator("#actions", { hasText: /Run by .*, pid \d+/ }).waitFor();
      // Started to look only, it offers nothing.
      expect(await page.locator("form, meta[name=handrail-page]").count()).toBe(0);
      await writeFile(seen, "");
      await word(page, "HALTED");
      expect((await apply.ended).exit).toBe(4);
      expect(await page.textContent("#what-happened")).toContain("<script>globalThis.pwned = 1");
      expect(await page.evaluate("typeof globalThis.pwned")).toBe("undefined");
      expect(await seriousFindings(page)).toEqual([]);
      serve.kill("SIGINT");
      const { exit, stdout, stderr } = await serve.ended;
      await page.locator("#lost", { hasText: "handrail serve has ended" }).waitFor();
      await context.close();
      expect([exit, stdout]).toEqual([0, `${address}\n`]);
      expect(stderr).toContain("nothing can be changed from the page");
      // oxlint-disable-next-line no-control-regex
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/);
    },
  );
});

/** A web server of somebody else on this machine, whose page tries what it can. */
async function foreignServer(wishes: string, mark: string) {
  const page = wishes.replace(/\/wishes$/, "");
  const wish = JSON.stringify({ verb: "pause", region: null, reason: "", typed: "" });
  const script = `
    const results = {};
    const wishes = ${JSON.stringify(wishes)}, page = ${JSON.stringify(page)}, body = ${JSON.stringify(wish)};
    const tries = {
      "fetch of JSON": () => fetch(wishes, { method: "POST", credentials: "include", body, headers: { "content-type": "application/json", "x-handrail-page": ${JSON.stringify(mark)} } }),
      "fetch of text, no-cors": () => fetch(wishes, { method: "POST", mode: "no-cors", credentials: "include", body }),
      "fetch of the page": () => fetch(page, { credentials: "include" }),
      "script of the page": () => new Promise((resolve, reject) => { const it = document.createElement("script"); it.src = page; it.onload = resolve; it.onerror = reject; document.head.append(it); }),
      "its events": () => new Promise((resolve, reject) => { const it = new EventSource(page + "/events", { withCredentials: true }); it.onopen = resolve; it.onerror = reject; }),
    };
    (async () => {
      for (const [name, attempt] of Object.entries(tries)) results[name] = await attempt().then(() => "sent", () => "failed");
      globalThis.done = true;
    })();`;
  const html = `<!doctype html><title>a page of somebody else</title>
<form method="post" enctype="text/plain" target="frame" action="${wishes}"><input name='{"verb":"pause","region":null,"reason":"","typed":"' value='"}'><button>win a prize</button></form>
<iframe name="frame" src="${page}"></iframe><script>${script}</script>`;
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  return {
    port: typeof at === "object" ? at?.port : at,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
