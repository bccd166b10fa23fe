import type { Case } from "./case.ts";
import { deletions, stepIn, when } from "./claims.ts";
import { forEach, isOver, overSentence, trouble, who } from "./drafts.ts";
import { stepBegan } from "./facts-page.ts";
import { fill, heading, type Page, type Part, statement, words } from "./page.ts";
import { inARow, says } from "./said.ts";

/** Drafts for the status page, in the four stages that such pages have. */
export function statusPage(it: Case, note: Part): Page {
  return {
    file: "status-page.md",
    parts: [
      heading(1, `Drafts for the status page, rollout ${it.summary.rollout}`),
      note,
      words(
        "Take the pointers in square brackets out before a text is published, and write what is marked.",
      ),
      heading(2, "Investigating"),
      ...forEach(it, (harmed) => trouble(it, harmed)),
      words("We are looking into it, and will tell more here."),
      heading(2, "Identified"),
      ...identified(it),
      heading(2, "Monitoring"),
      ...monitoring(it),
      heading(2, "Resolved"),
      ...resolved(it),
    ],
  };
}

function identified(it: Case): readonly Part[] {
  return [
    ...forEach(it, (harmed) => {
      const proved = deletions(it, harmed, { paths: false });
      const { instance } = harmed.incident;
      const began = harmed.began === null ? [] : [statement(says`${stepBegan(it, harmed)}.`)];
      if (proved.length === 0)
        return [...began, fill(`the cause on ${instance}: the journal does not prove one`)];
      return [
        ...began,
        statement(says`It was this change that did it on ${who(it, harmed)}: ${inARow(proved)}.`),
        fill(`in words for customers, what that meant on ${instance}`),
      ];
    }),
    ...(it.halted === null
      ? [fill("whether the change was stopped elsewhere: the journal has no halt")]
      : [
          statement(
            says`The change was stopped at ${when(it.halted, it.harmed[0] ?? null)}; no new work was begun after that.`,
          ),
        ]),
  ];
}

function monitoring(it: Case): readonly Part[] {
  return forEach(it, (harmed) => {
    const { instance } = harmed.incident;
    if (!isOver(harmed))
      return [fill(`not to be published yet for ${instance}: nothing proves that it works again`)];
    const parts: Part[] = harmed.recoveries
      .filter(({ event }) => event.note.verified)
      .map((record) =>
        statement(
          says`The recovery that was prepared for this ran on ${who(it, harmed)} after ${stepIn(it, record)}, and was verified by ${when(record, harmed)}.`,
        ),
      );
    const back = says`${who(it, harmed)} was confirmed to be as before at ${when(harmed.verified!, harmed)}`;
    return [...parts, statement(says`${back}. We go on watching it.`)];
  });
}

function resolved(it: Case): readonly Part[] {
  const open = it.harmed.filter((harmed) => !isOver(harmed));
  if (open.length > 0 || it.interim) {
    const names = open.map(({ incident }) => incident.instance).join(", ");
    const why = open.length > 0 ? `${names} not as before` : "the rollout is not over";
    return [fill(`not to be published yet: as far as the journal says, ${why}`)];
  }
  return [
    ...forEach(it, (harmed) => [statement(overSentence(it, harmed))]),
    fill("whether customers have to do anything"),
    words("A report on the root cause follows."),
  ];
}
