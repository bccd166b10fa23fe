import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PictureSet, Studio } from "./studio.ts";

/** The report of the last rollout: what is seen first, the timeline, on dark, and on a telephone. */
export const reportPictures: PictureSet = {
  name: "the report of a halt",
  async make(studio) {
    const rollout = studio.rollouts.at(-1);
    if (rollout === undefined) throw new Error("there is no rollout to report of");
    const file = join(studio.folder, "report.html");
    await studio.handrail(["report", rollout, "--html", file]);
    const address = pathToFileURL(file).href;
    return [
      await shot(studio, { address, name: "report-halt", width: 1200, height: 1150 }),
      await shot(studio, {
        address: `${address}#timeline`,
        name: "report-timeline-dark",
        width: 1200,
        height: 1150,
        dark: true,
      }),
      await shot(studio, { address, name: "report-telephone", width: 390, height: 844 }),
    ];
  },
};

interface Shot {
  readonly address: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
}

async function shot(studio: Studio, it: Shot): Promise<string> {
  const page = await studio.browser.newPage({
    viewport: { width: it.width, height: it.height },
    colorScheme: it.dark === true ? "dark" : "light",
  });
  await page.goto(it.address);
  const path = studio.picture(it.name);
  await page.screenshot({ path });
  await page.close();
  return path;
}
