import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { livePictures } from "./pictures/live-page.ts";
import { reportPictures } from "./pictures/report.ts";
import { openStudio, type PictureSet } from "./pictures/studio.ts";
import { terminalPictures } from "./pictures/terminal.ts";

/**
 * Makes the pictures below docs/pictures from real rollouts through the demo's fleet, in a real
 * terminal (tmux) and a real browser (Chromium). `npm run pictures`; needs the programs of
 * scripts/install-test-parts.sh. To add some: a file in scripts/pictures with a `PictureSet`, and its
 * name in this list. They are made in this order, on one fleet and one journal.
 */
const sets: readonly PictureSet[] = [terminalPictures, reportPictures, livePictures];

/** Pictures are read over slow lines, too. */
const bytesMax = 300_000;

await using studio = await openStudio();
for (const set of sets) {
  process.stdout.write(`${set.name} …\n`);
  for (const path of await set.make(studio)) {
    const { size } = await stat(path);
    process.stdout.write(`  ${relative(process.cwd(), path)}, ${Math.round(size / 1_000)} kB\n`);
    if (size > bytesMax) throw new Error(`${path} has ${size} bytes, more than ${bytesMax}`);
  }
}
