import { expect, test } from "vitest";
import { foresightOf } from "../../src/cli/foresight.ts";
import type { Io } from "../../src/cli/io.ts";
import { almaItinerary } from "../views/support/alma.ts";

const { plan } = almaItinerary();
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the environment is looked at
const io = { env: { THE_PW: "correct horse battery" } } as unknown as Io;

async function foresight(kind: string, variable: string) {
  const steps = plan.steps.map((step) => ({ ...step, work: { ...step.work, kind } }));
  const secrets = { pw: { env: variable } };
  return await foresightOf({ plan: { ...plan, steps, secrets } }, "/", io);
}

test("the plan's secrets are struck out of what a host's files say", async () => {
  const { redactor } = await foresight("copy", "THE_PW");
  expect(redactor?.text("pw: correct horse battery\n")).toBe("pw: [secret pw]\n");
});

test("where a secret can't be had nothing is struck out, and so no line may be shown", async () => {
  const { redactor } = await foresight("patch", "NOBODY_SET_IT");
  expect(redactor).toBeNull();
});

test("nobody is asked for a secret where no line of a file would be shown", async () => {
  const { redactor } = await foresight("run", "NOBODY_SET_IT");
  expect(redactor).not.toBeNull();
});
