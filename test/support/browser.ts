import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { describeWith, programPath } from "./parts.ts";

/** The browser of Debian: pages are looked at by what people use, not by a model of it. */
const program = "chromium";

/** A `describe` that runs where the browser is there, and says `skipped, because …` where not. */
export function describeWithBrowser(name: string, tests: () => void): void {
  describeWith([program], name, tests);
}

/**
 * A browser without a window and with a profile of its own; ends with `await using`, or `close`. `more`:
 * switches of its command line.
 */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = programPath(program);
  if (executablePath === null) throw new Error(`there is no ${program} on this machine`);
  // Root may not sandbox; nothing but pages of our own is ever opened.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args: [...args, ...more] });
}

/**
 * What axe finds in a page: rules that are broken seriously, each with the first place where. `rules`:
 * only these. The page's own policy stays in force, because the debugger runs axe, not a script element.
 */
export async function seriousFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  const options = rules === undefined ? {} : { runOnly: { type: "rule", values: rules } };
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, ${JSON.stringify({ ...options, resultTypes: ["violations"] })})`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}, ${nodes.length} times: ${nodes[0]?.html.slice(0, 200)}`);
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
