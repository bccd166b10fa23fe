import { setTimeout as sleep } from "node:timers/promises";
import type { PictureSet, Studio } from "./studio.ts";
import { screenHtml } from "./screen-html.ts";
import { openTmux, type Tmux } from "./tmux.ts";

/** How a rollout looks on a terminal: while a good one goes, and where a flawed one has halted. */
export const terminalPictures: PictureSet = {
  name: "the terminal",
  async make(studio) {
    const good = await rollout(studio, {
      plan: "good-fix/plan.yaml",
      lines: 30,
      name: "terminal-good",
      // Two regions are sealed, the third is at work.
      when: /eu +4 of 4 sealed[\s\S]*na[\s\S]*step \d\/\d/,
    });
    const halt = await rollout(studio, {
      plan: "flawed-fix/plan.yaml",
      lines: 64,
      name: "terminal-halt",
      when: ended,
    });
    return [good, halt];
  },
};

/** What the shell prints after the program, so that its end can be seen. */
const endMark = "exit code";
const ended = new RegExp(`^${endMark} \\d+$`, "m");
const columns = 100;
/** Longer than any rollout of the demo takes, also on a machine that is at work elsewhere. */
const waitMaxMs = 900_000;

interface Scene {
  readonly plan: string;
  readonly lines: number;
  readonly name: string;
  /** What the screen must show for its picture to be taken. */
  readonly when: RegExp;
}

async function rollout(studio: Studio, scene: Scene): Promise<string> {
  await using tmux = await openTmux({
    columns,
    lines: scene.lines,
    cwd: studio.folder,
    environment: studio.environment,
  });
  const command = `handrail apply ${scene.plan} --inventory inventory.yaml`;
  await tmux.run(`clear; echo '$ ${command}'; ${command}; echo "${endMark} $?"`);
  const screen = await shows(tmux, scene.when);
  if (scene.when !== ended) await shows(tmux, ended);
  const status = await studio.handrail(["status"]);
  studio.rollouts.push(/^\s*(\S+-\d{8}-\d{4}-[0-9a-f]{4})/m.exec(status)?.[1] ?? "");
  const path = studio.picture(scene.name);
  const page = await studio.browser.newPage({ viewport: { width: 1_100, height: 900 } });
  await page.setContent(screenHtml(screen, columns));
  await page.locator("pre").screenshot({ path });
  await page.close();
  return path;
}

async function shows(tmux: Tmux, wanted: RegExp): Promise<string> {
  const untilMs = performance.now() + waitMaxMs;
  for (;;) {
    const screen = await tmux.screen();
    if (wanted.test(await tmux.text())) return screen;
    if (performance.now() > untilMs)
      throw new Error(`the screen never showed ${wanted}:\n${await tmux.text()}`);
    await sleep(50);
  }
}
