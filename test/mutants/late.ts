import { inFile, type Planted } from "./planted.ts";

/** Faults in what watches sealed instances, shortens bakes, counts evidence, and sees services. */
export const lateMutants: readonly Planted[] = [
  ...inFile("src/core/after-late-harm.ts", [
    [
      "late harm leaves its region whole, and the next one begins",
      'region.name === it.region && region.stage === "sealed"',
      'region.name !== it.region && region.stage === "sealed"',
    ],
    ["late harm seen while a person is waited for is not acted on", "    parked: null,\n", ""],
    [
      "nobody looks at what is sealed once the rollout halts",
      '(state.mode !== "forward" && state.mode !== "halting")',
      'state.mode !== "forward"',
    ],
    [
      "what is sealed goes on being watched while a person has the rollout held",
      'if (state.parked !== null || (state.held !== null && state.mode === "forward")) return [];',
      "if (state.parked !== null) return [];",
    ],
    [
      "who turned bad after the seal is as tolerable as lost files of a step that failed",
      'event.harm.is === "lost" ? "contract broken" : "failed"',
      '"failed"',
    ],
    [
      "what had begun behind a harmed region is not brought to its end",
      "if (it.touched > 0) return false;",
      "",
    ],
  ]),
  ...inFile("src/core/late-course.ts", [
    [
      "a lost answer ends a row of failures",
      "return { course: { ...course, askedMs, told: false }, isHarm: false };",
      "return { course: { askedMs, failing: null, told: false }, isHarm: false };",
    ],
    [
      "the first failing answer after the seal is harm",
      "askedMs - sinceMs >= rule.retryMs",
      "true",
    ],
    [
      "a failing probe is asked again only when everybody is",
      "if (failing === null || !told) return",
      "if (!told || failing !== null || failing === null) return",
    ],
  ]),
  ...inFile("src/core/late-losses.ts", [
    [
      "losses below keep-content are borne where they are few",
      '      policy.kind === "keep-content" ||\n',
      "",
    ],
    [
      "what churns may go as a whole",
      "if (!isMassOf(fewer, all.length - young)) continue;",
      "continue;",
    ],
    [
      "what came in the place of others counts as a loss",
      "paths.length - goneYoung - (newOnes.get(kind)?.length ?? 0)",
      "paths.length - goneYoung",
    ],
    [
      "temp files that lived for a minute count as a loss",
      "paths.length - goneYoung - (newOnes.get(kind)?.length ?? 0)",
      "paths.length - (newOnes.get(kind)?.length ?? 0)",
    ],
    [
      "sessions that run out halt a rollout",
      "if (young > 0 && goneYoung < young * massPart) ranOut.push(...paths);",
      "",
    ],
    [
      "whatever empties a folder is taken for what runs out",
      "if (young > 0 && goneYoung < young * massPart) ranOut.push(...paths);",
      "ranOut.push(...paths);",
    ],
    ["what comes back in time was lost", "atMs - since >= policy.withinMs;", "atMs - since >= 0;"],
    [
      "a tree that is lost as a whole halts nothing",
      "      taken.length >= held * massPart ||\n",
      "",
    ],
  ]),
  ...inFile("src/core/emergency.ts", [
    [
      "an emergency begins with nobody's approval",
      "state.itinerary.emergency !== undefined && state.emergency === null",
      "false",
    ],
    [
      "whoever is not named approves an emergency",
      "if (refusedEmergency(state, by) !== null) return state;",
      "",
    ],
    [
      "an approval of another plan counts for this emergency",
      " || wish.digest !== state.itinerary.digest",
      "",
    ],
    ["an emergency lengthens what a bake waits for", "Math.min(untilMs, until.timeMs)", "untilMs"],
  ]),
  ...inFile("src/core/evidence.ts", [
    [
      "evidence that was enough once is enough for ever",
      "enoughSinceMs = holds(goal, value) ? (enoughSinceMs ?? atMs) : null;",
      "enoughSinceMs = holds(goal, value) ? (enoughSinceMs ?? atMs) : enoughSinceMs;",
    ],
    [
      "whoever takes a bake up counts once more what was counted",
      "grown: it.grown + before.seen",
      "grown: it.grown + 2 * before.seen",
    ],
    [
      "whoever takes a bake up forgets what was counted",
      "if (before === null) return countedAfterEach(points);",
      "return countedAfterEach(points);",
    ],
  ]),
  ...inFile("src/core/bakes-so-far.ts", [
    [
      "a bake that has ended goes on counting when a person has it looked at again",
      "  left.delete(event.action.instance);\n",
      "",
    ],
    [
      "each runner that takes a bake up has its whole deadline again",
      "deadlineMs: Math.min(deadlineMs, Math.max(stretchMs, deadlineMs - watchedMs))",
      "deadlineMs",
    ],
    [
      "a bake that is taken up near its deadline has no time to be healthy",
      "Math.max(stretchMs, deadlineMs - watchedMs)",
      "deadlineMs - watchedMs",
    ],
    [
      "the time that was watched before counts for nothing",
      "timeMs: Math.max(0, until.timeMs - watchedMs)",
      "timeMs: until.timeMs",
    ],
  ]),
  ...inFile("src/core/units-seen.ts", [
    [
      "a process that is replaced while its unit stays active was not restarted",
      "is.activeSinceUs !== was.activeSinceUs || isAnother ||",
      "is.activeSinceUs !== was.activeSinceUs ||",
    ],
    [
      "a count that a start by hand has set back is a restart less",
      "Math.max(0, (is.restarts ?? 0) - (was.restarts ?? 0))",
      "(is.restarts ?? 0) - (was.restarts ?? 0)",
    ],
    ["a service that was down already was stopped", "down.has(was.state) ? 0 : 1", "1"],
  ]),
  ...inFile("src/core/seen-steps.ts", [
    [
      "a runner that takes over sees how services were before the step",
      "units: it.units ?? { before, after: null },",
      "units: { before, after: null },",
    ],
  ]),
  ...inFile("src/core/unlike-units.ts", [
    [
      "where one host is not known, a service was not restarted there",
      "if (it === null || known.length < knownMin) return [];",
      "if (it === null || known.length === 0) return [];",
    ],
  ]),
];
