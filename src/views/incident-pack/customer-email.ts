import type { Case } from "./case.ts";
import { forEach, isOver, overSentence, trouble } from "./drafts.ts";
import { fill, fillItem, heading, type Page, type Part, statement, words } from "./page.ts";
import { says } from "./said.ts";
import { when } from "./claims.ts";

/** Draft of the e-mail to the customers of the instances that went wrong. */
export function customerEmail(it: Case, note: Part): Page {
  return {
    file: "customer-email.md",
    parts: [
      heading(1, `Draft of the e-mail to customers, rollout ${it.summary.rollout}`),
      note,
      words(
        "Take the pointers in square brackets out before it is sent, and write what is marked.",
      ),
      heading(2, "Subject"),
      fill("the name of the service, as customers know it, and the date"),
      heading(2, "Text"),
      words("Dear customers,"),
      ...forEach(it, (harmed) => trouble(it, harmed)),
      fill("in your customers' words: what did not work, and for whom"),
      heading(3, "What was done"),
      ...done(it),
      heading(3, "What happens next"),
      fillItem("what customers have to do, if anything"),
      fillItem("when the report on the root cause will be there, and where"),
      fillItem("whom to ask"),
      words("We apologise for the trouble that this has caused."),
      fill("who signs"),
    ],
  };
}

function done(it: Case): readonly Part[] {
  const halted =
    it.halted === null
      ? []
      : [
          statement(
            says`The change that was being rolled out was stopped at ${when(it.halted, it.harmed[0] ?? null)}.`,
          ),
        ];
  return [
    ...halted,
    ...forEach(it, (harmed) =>
      isOver(harmed)
        ? [statement(overSentence(it, harmed))]
        : [fill(`what was done about ${harmed.incident.instance}, and when it works again`)],
    ),
  ];
}
