import { inFile, type Planted } from "./planted.ts";

/** Faults in what decides: halt rule, order, courses, wishes, recovery. */
export const brainMutants: readonly Planted[] = [
  ...inFile("src/core/halt-rule.ts", [
    [
      "the halt rule is broken by reaching the limit",
      "if (bad.length <= limit.limit) return null;",
      "if (bad.length < limit.limit) return null;",
    ],
    [
      "one bad instance more than allowed is tolerated",
      "if (bad.length <= limit.limit) return null;",
      "if (bad.length <= limit.limit + 1) return null;",
    ],
    [
      "the limit of a batch is never looked at",
      "      if (halt !== null) return halt;\n    }\n",
      "    }\n",
    ],
    [
      "the limit of the rollout counts one region only",
      "    bad: all,\n",
      "    bad: all.filter((it) => it.region === all[0]?.region),\n",
    ],
    [
      "of several wishes for the way back the narrowest wins",
      "Math.max(...wishes",
      "Math.min(...wishes",
    ],
    [
      "a step's own onFail is ignored when it halts",
      "(step === null ? undefined : plan.steps[step]?.onFail) ?? plan.rollout.onFail",
      "plan.rollout.onFail",
    ],
  ]),
  ...inFile("src/core/state.ts", [
    [
      "unreachable counts as fine",
      "return it.bad !== null && !it.excluded;",
      'return it.bad !== null && it.bad.as !== "unreachable" && !it.excluded;',
    ],
    [
      "a successful rollback turns a failure green",
      "return it.bad !== null && !it.excluded;",
      'return it.bad !== null && it.phase !== "rolled-back" && !it.excluded;',
    ],
    [
      "the lock is given back where the state is unknown",
      '    it.phase === "left" ||\n    it.phase === "unknown"\n',
      '    it.phase === "left"\n',
    ],
    [
      "the lock is given back where a rollback failed",
      '    it.phase === "rollback-failed" ||\n',
      "",
    ],
    ["an unknown instance is not settled", '  "left",\n  "unknown",\n]);', '  "left",\n]);'],
  ]),
  ...inFile("src/core/envelope.ts", [
    [
      "what stays away is a handful like any other",
      '"not back": { fresh: 0,',
      '"not back": { fresh: 5,',
    ],
    ["one instance shows what is usual", "earlierMin = 2;", "earlierMin = 1;"],
    [
      "bad instances show what is usual",
      "return it.step > step && it.bad === null;",
      "return it.step > step;",
    ],
  ]),
  ...inFile("src/core/odd-ones.ts", [
    [
      "nobody is asked about the odd one",
      'plan.rollout.onOutlier === "ask" &&',
      'plan.rollout.onOutlier === "warn" &&',
    ],
    [
      "nothing stops for the odd one",
      'onOutlier !== "stop") return null;',
      'onOutlier !== "ask") return null;',
    ],
    [
      "odd ones go in their turn",
      'onOutlier !== "last") return null;',
      'onOutlier !== "ask") return null;',
    ],
    [
      "another order than the printed one is taken",
      "if (newly.length + noMore.length === 0) return null;",
      "if (newly.length + noMore.length < 100) return null;",
    ],
  ]),
  ...inFile("src/core/outliers-last.ts", [
    ["odd ones go among the others", "...filled(others, sizes),\n", "...filled(names, sizes),\n"],
    [
      "odd ones go first",
      "const others = names.filter((name) => !odd.has(name));",
      "const others = names.filter((name) => odd.has(name));",
    ],
  ]),
  ...inFile("src/core/held-to-envelope.ts", [
    [
      "who lies outside goes on",
      '  if (envelope === "warn" || outside.length === 0) return [...remarked, event];\n',
      "  if (outside.length < 100) return [...remarked, event];\n",
    ],
  ]),
  ...inFile("src/core/seen-steps.ts", [
    [
      "a second look forgets what was done",
      "Math.max(was.counts[kind] ?? 0, is.counts[kind] ?? 0)",
      "is.counts[kind] ?? 0",
    ],
  ]),
  ...inFile("src/core/decide.ts", [
    [
      "a step goes on elsewhere while what it did on one is in doubt",
      "      if (!it.snapshotted && isDoubtful(state, step)) return [];\n",
      "",
    ],
    [
      "others begin while one lies outside",
      "  if (countIn(state.instances, isOutside) > 0) return [];\n",
      "",
    ],
    [
      "an instance begins before its batch",
      "it.region === region.name && it.batch < region.batchesStarted",
      "it.region === region.name",
    ],
    [
      "instances begin in a region that waits",
      'if (region === undefined || region.stage !== "started") return [];',
      "if (region === undefined) return [];",
      "a region that has not begun has no batch that has, which is asked as well",
    ],
    [
      "instances begin although a person asked for no new work",
      'if (state.mode !== "forward" || state.held !== null) return [];',
      'if (state.mode !== "forward") return [];',
    ],
    [
      "instances begin while the rollout halts",
      'if (state.mode !== "forward" || state.held !== null) return [];',
      "if (state.held !== null) return [];",
    ],
    [
      "concurrency is no limit for beginning",
      "const places = Math.max(0, (hasBegun(state) ? concurrency : 1) - active);",
      "const places = hasBegun(state) ? instances.size : Math.max(0, 1 - active);",
    ],
    [
      "concurrency is no limit for what is under way",
      "nextActions(state, Math.max(0, concurrency - busy))",
      "nextActions(state, instances.size)",
    ],
    [
      "a step runs before its snapshot",
      "return it.snapshotted\n",
      "return it.snapshotted || true\n",
    ],
    ["steps go on while the rollout halts", "      if (!forward) return [];\n", ""],
    [
      "a step in doubt is done again on the way back",
      'if (it.inDoubt && state.mode === "forward")',
      "if (it.inDoubt)",
      "whatever is in doubt has left its step by the time when a halt was written",
    ],
    [
      "a batch bakes before all of it is done",
      "region.bakesStarted > it.batch",
      "region.bakesStarted >= it.batch",
    ],
    [
      "nobody stands a switch down",
      "const standingDown = chosenIn(instances, owesStandDown).map(standDown);",
      "const standingDown: readonly Action[] = [];",
    ],
    [
      "an instance goes on while its switch is still to be stood down",
      "isIdle(it) && isUnderWay(it) && !owesStandDown(it)",
      "isIdle(it) && isUnderWay(it)",
    ],
    [
      "the lock of an instance that needs a person is given back",
      "!owesStandDown(it) && it.claimed && !keepsLock(it)",
      "!owesStandDown(it) && it.claimed",
    ],
    [
      "two actions at once on one instance",
      "function isIdle(it: InstanceState): boolean {\n  return it.pending === null;",
      "function isIdle(it: InstanceState): boolean {\n  return it.pending === null || true;",
    ],
  ]),
  ...inFile("src/core/due.ts", [
    [
      "the next region begins with a bad one behind it",
      'return it.phase !== "sealed" && !it.excluded;',
      "return !isSettled(it);",
    ],
    [
      "the next batch begins while the last one is open",
      "  if (chosenIn(state.instances, isUnsettled).some(isOpen)) return null;\n",
      "",
    ],
    [
      "nobody asks the halt rule",
      "  const halt = haltRule(state);\n",
      "  const halt = null as Halt | null;\n",
    ],
    [
      "an abort that takes everything back changes nothing once it halts",
      'abort.rollback && halt.scope !== "all"',
      "false",
    ],
    [
      "an abort with rollback leaves what is sealed",
      'scope: abort.rollback ? "all" : (earlier?.scope ?? "under-way")',
      'scope: earlier?.scope ?? "under-way"',
    ],
    [
      "regions begin before everything was looked at",
      ': (outliersDue(state) ?? orderDue(state) ?? { kind: "preflight-passed" });\n',
      ': { kind: "preflight-passed" };\n',
    ],
    [
      "a region begins without its approval",
      "if (needsApproval(state, region.name) && !region.approved)",
      'if (needsApproval(state, region.name) && !region.approved && region.stage === "sealed")',
    ],
    ["the rollout closes with locks held", "  if (unreleased) return null;\n", ""],
    [
      "a rollout with a bad instance ends green",
      'all.every((it) => it.bad === null) ? "sealed" : "halted"',
      '"sealed"',
    ],
    [
      "an undo that needs a person ends as undone",
      'outcome: all.some(needsPerson) ? "halted" : "undone" };',
      'outcome: "undone" };',
    ],
    [
      "a batch in which nothing came to a bake leaves one behind",
      "      chosenIn(state.instances, isStepped).some(isMember) &&\n",
      "",
    ],
    [
      "a batch bakes while some of it wait for their turn",
      ' && it.pending === null && state.mode !== "forward")',
      " && it.pending === null)",
    ],
    [
      "a new batch begins although a person asked for no new work",
      "return state.held === null && !waitsForWindow(region, planned)\n",
      "return !waitsForWindow(region, planned)\n",
    ],
  ]),
  ...inFile("src/core/over.ts", [
    [
      "the lock is given back where a person is needed",
      "return needsPerson(it) && !it.freed;",
      "return false;",
    ],
    [
      "a lock that a person gave up is kept all the same",
      "return needsPerson(it) && !it.freed;",
      "return needsPerson(it);",
    ],
    [
      "it is over with a switch armed",
      "  if (countIn(instances, owesStandDown) > 0) return false;\n",
      "",
    ],
    [
      "it is over while something is pending",
      "  if (countIn(instances, isAtWork) > 0) return false;\n",
      "",
    ],
    [
      "an untouched instance keeps a halt from its end",
      "isSettled(it) || isUntouched(it)",
      "isSettled(it)",
    ],
  ]),
  ...inFile("src/core/recover.ts", [
    [
      "a step without a receipt is done again after a crash",
      "if (state.itinerary.receipted[action.step] === true || step?.idempotent === true)",
      "if (step !== null)",
    ],
    [
      "an undo without a receipt is done again after a crash",
      'step?.undo?.kind !== "http" || step.idempotent',
      "step !== null",
    ],
    [
      "what a killed runner left pending stays so",
      "    if (action === null) return [];\n",
      "    if (action !== undefined) return [];\n",
    ],
  ]),
  ...inFile("src/core/evolve.ts", [
    [
      "after a crash a step that may have run is not in doubt",
      'inDoubt: it.inDoubt || action.kind === "apply"',
      "inDoubt: it.inDoubt",
    ],
    [
      "a step that begins does not count as touching",
      "touched: Math.max(it.touched, action.step + 1)",
      "touched: Math.max(it.touched, action.step)",
    ],
    [
      "a lock that was taken is not noted",
      'phase: "beginning", claimed: true',
      'phase: "beginning"',
    ],
    ["a new runner goes by the old epoch", "epoch: event.epoch, held: null", "held: null"],
    [
      "nobody knows that a switch was armed",
      'guard: isGuarded(itinerary, action.step) ? "armed" : it.guard,',
      "guard: it.guard,",
    ],
    [
      "a snapshot that a killed runner began is used half-made",
      'const generation = action.kind === "snapshot" ? it.generation + 1 : it.generation;',
      "const { generation } = it;",
    ],
    [
      "a rollback goes to the first snapshot, not to that of the attempt",
      "at === step ? number : (numbers[at] ?? 1),",
      "numbers[at] ?? 1,",
    ],
    [
      "what ends after the halt is not taken back",
      '  if (state.mode !== "halting" || halt === null) return state;\n',
      "  return state;\n",
    ],
    ["a lock that could not be given back counts as given", "  else lingering.add(name);\n", ""],
  ]),
  ...inFile("src/core/instance-course.ts", [
    [
      "a step is retried once more than the plan allows",
      "it.attempt <= (course.plan.steps[it.step]?.retries ?? 0)",
      "it.attempt <= (course.plan.steps[it.step]?.retries ?? 0) + 1",
    ],
    [
      "a step that is not idempotent is asked again without a receipt",
      "return course.receipted[it.step] === true || course.plan.steps[it.step]?.idempotent === true;",
      "return true;",
    ],
    [
      "an inconclusive bake is sealed",
      '      return { ...it, phase: "inconclusive", resumeAt: "bake", doubt: failure };\n    case "verify"',
      '      return { ...it, phase: "sealed" };\n    case "verify"',
    ],
    [
      "an inconclusive step is good",
      'return { ...it, phase: "inconclusive", resumeAt: "step", doubt: failure };',
      'return { ...it, phase: "stepped" };',
    ],
    [
      "a bake that nobody answered is sealed",
      '  if (action.kind === "bake")\n    return { ...it, phase: "inconclusive", resumeAt: "bake", doubt: failure };',
      '  if (action.kind === "bake") return { ...it, phase: "sealed" };',
    ],
    [
      "a later silence forgets that a step is in doubt",
      "const inDoubt = it.inDoubt || (",
      "const inDoubt = (",
    ],
    [
      "what fails before it was touched is taken back",
      '  if (it.touched === 0) return { ...marked, phase: "unfit" };\n',
      "",
    ],
    [
      "onFail: halt takes back",
      '  if (onFail === "halt") return { ...marked, phase: "left" };\n',
      "",
    ],
    [
      "a bad instance is not marked",
      "bad: it.bad ?? bad, tries: 0, resumeAt",
      "tries: 0, resumeAt",
    ],
    [
      "a rollback whose undo failed ends well",
      "return it.flaws[0] === undefined\n",
      "return it.flaws[0] === undefined || it.touched > 0\n",
    ],
    [
      "a rollback whose content differs counts as a rollback",
      'failure.code === "RESTORE_INCOMPLETE" ? "rollback-failed" : "rolled-back-unverified"',
      '"rolled-back"',
    ],
    [
      "the next step has no snapshot of its own",
      "    tries: 0,\n    snapshotted: false,\n",
      "    tries: 0,\n",
    ],
    [
      "what is in doubt stays so when its end is known",
      "const fresh: InstanceState = { ...it, tries: 0, inDoubt: staysInDoubt(it, action) };",
      "const fresh: InstanceState = { ...it, tries: 0 };",
    ],
  ]),
  ...inFile("src/core/instance-course.ts", [
    [
      "a host that may have heard the step counts as untouched",
      '      if (inDoubt) return lapsing({ ...it, inDoubt }, { ...bad, as: "unknown" }, course);\n',
      "",
    ],
    [
      "an untouched instance is taken back",
      'if (it.attempt === 1) return trouble({ ...it, guard: "none", touched: it.step }, bad, course);',
      'if (it.attempt === 1) return trouble({ ...it, guard: "none" }, bad, course);',
    ],
    [
      "a step that nobody knows the end of counts as taken back",
      'return { ...it, phase: "unknown", inDoubt: true',
      'return { ...it, phase: "rolled-back", inDoubt: true',
    ],
    [
      "another attempt goes by the receipt of the last one",
      "        attempt: it.attempt + 1,\n",
      "        attempt: it.attempt,\n",
    ],
    [
      "another attempt goes by the used-up snapshot of the last one",
      "        snapshotted: false,\n        generation: it.generation + 1,\n",
      "        snapshotted: true,\n        generation: it.generation,\n",
    ],
    [
      "a step whose guard fired is tried again",
      ' &&\n        failure.code !== "GUARD_FIRED"\n',
      "\n",
    ],
    [
      "an instance goes on after its guard fired",
      '    if (it.phase === "left" || it.phase === "asking")\n      return { ...known, bad: it.bad ?? bad, doubt: bad.failure };\n    return trouble(known, bad, course);\n',
      "    return known;\n",
    ],
    [
      "a switch that can't be reached counts as disarmed",
      'const lapsed: InstanceState = { ...it, guard: "lapsing", tries: 0, resumeAt: null };',
      'const lapsed: InstanceState = { ...it, guard: "none", tries: 0, resumeAt: null };',
    ],
    [
      "an instance whose switch can't be reached waits as if nothing were",
      '  if (waits || (it.phase === "stepping" && it.inDoubt)) return notKnown(lapsed, bad);\n',
      "  if (waits) return lapsed;\n",
    ],
    [
      "a step that was never heard of leaves its switch armed",
      'return action.kind === "apply" && !inDoubt ? "none" : it.guard;',
      "return it.guard;",
    ],
    [
      "a switch counts as disarmed after a lost answer",
      'return action.kind === "apply" && !inDoubt ? "none" : it.guard;',
      'return action.kind === "apply" ? "none" : it.guard;',
    ],
    [
      "a revert that nobody answers leaves its switch to nobody",
      'guard: it.guard === "armed" ? "lapsing" : it.guard,',
      "guard: it.guard,",
    ],
    [
      "a judged step still counts as armed",
      'return nextStep({ ...fresh, guard: "none" }, course);',
      "return nextStep(fresh, course);",
    ],
    [
      "a verification that found a difference is asked of nothing again",
      'back: failure.code === "RESTORE_INCOMPLETE" ? allTouched(it) : [],',
      "back: [],",
    ],
  ]),
  ...inFile("src/core/bad.ts", [
    ["a broken contract counts as a plain failure", '  "CONTRACT_BROKEN",\n', ""],
  ]),
  ...inFile("src/core/tries.ts", [
    [
      "a silent host is asked for ever",
      "return it.tries + 1 < asks && !lasting.has(failure.code);",
      "return asks > 0 && !lasting.has(failure.code);",
    ],
    ["a changed host key is asked again and again", '  "HOST_KEY_CHANGED",\n', ""],
    ["a deadline that is over is waited for again", '  "DEADLINE_INSTANCE",\n', ""],
  ]),
  ...inFile("src/core/way-back.ts", [
    ["the way back begins with the oldest step", "(_, at) => touched - 1 - at)", "(_, at) => at)"],
    [
      "the way back leaves the newest step as it is",
      "    step: it.touched - 1,\n",
      "    step: it.touched - 2,\n",
    ],
    ["a second way back finds the undo done", "    rollbacks: it.rollbacks + 1,\n", ""],
    [
      "a failed undo ends the way back",
      'if (failure.code === "UNDO_FAILED" || failure.code === "RESTORE_CONFLICT") {',
      'if (failure.code === "RESTORE_CONFLICT") {',
    ],
    [
      "later work that was left alone ends the way back",
      'if (failure.code === "UNDO_FAILED" || failure.code === "RESTORE_CONFLICT") {',
      'if (failure.code === "UNDO_FAILED") {',
    ],
    [
      "a failed undo is asked for by the receipt that failed",
      '(failure.code === "UNDO_FAILED" ? 1 : 0)',
      "0",
    ],
    [
      "an undo that failed is forgotten on the way",
      "const flaws = [...others, { step: it.step, failure, undos }];",
      "const flaws = others;",
    ],
    [
      "a restore that fails is tried for ever",
      'if (asksAgain(it, { kind: "revert" }, failure))',
      'if (asksAgain({ tries: 0 }, { kind: "revert" }, failure))',
    ],
    [
      "a rollback counts its steps but takes back the first only",
      "return back[0] === undefined ? toVerify(next)",
      "return back[0] === undefined || back.length > 0 ? toVerify(next)",
    ],
    [
      "a step taken back counts as armed still",
      'const guard = step === it.touched - 1 ? "none" : it.guard;',
      "const { guard } = it;",
    ],
    [
      "a reconcile forgets which steps are still to be taken back",
      "const open = [...it.back, ...it.flaws.map((flaw) => flaw.step)];",
      "const open = it.flaws.map((flaw) => flaw.step);",
    ],
    ["a step in doubt stays in doubt on the way back", "    inDoubt: false,\n", ""],
  ]),
  ...inFile("src/core/stand-down.ts", [
    [
      "no switch stands behind any step",
      'return itinerary.receipted[step] === true && itinerary.plan.steps[step]?.on === "host";',
      "return itinerary.receipted[step] === null;",
    ],
    [
      "an instance waits for a person with its switch armed",
      '  if (it.guard !== "armed" || it.pending !== null) return false;\n',
      '  if (it.guard !== "armed" || it.pending !== null || it.phase === "inconclusive") return false;\n',
    ],
    [
      "an instance is left as it is with its switch armed",
      '    case "reverting":\n    case "unknown":\n      return false;\n',
      '    case "reverting":\n    case "unknown":\n    case "left":\n      return false;\n',
    ],
  ]),
  ...inFile("src/core/stale-snapshot.ts", [
    [
      "a step begins from a snapshot of hours before",
      "return { ...it, snapshotted: false, generation: it.generation + 1 };",
      "return it;",
    ],
    [
      "the snapshot of a step in doubt is taken anew",
      'if (it.phase !== "stepping" || it.inDoubt || it.pending !== null) return it;',
      'if (it.phase !== "stepping" || it.pending !== null) return it;',
    ],
  ]),
  ...inFile("src/core/take-back.ts", [
    [
      "what is sealed stays when everything should go back",
      'return halt.scope === "all" || inScopeRegion(it, halt, state) ? taken(it, halt) : it;\n  }',
      "return inScopeRegion(it, halt, state) ? taken(it, halt) : it;\n  }",
    ],
    [
      "rollback-region takes nothing back that is sealed",
      'return halt.scope === "all" || inScopeRegion(it, halt, state) ? taken(it, halt) : it;\n  }',
      'return halt.scope === "all" ? taken(it, halt) : it;\n  }',
    ],
    [
      "an instance between two steps stays so when the rollout halts",
      'if (halt.scope !== "none") return taken(it, halt);',
      'if (halt.scope === "all") return taken(it, halt);',
    ],
    [
      "a halt takes back what an action is under way on",
      "  if (it.pending !== null) return it;\n",
      "",
    ],
    [
      "what a halt takes back is not bad",
      '{ ...takeBack(it), bad: it.bad ?? badByHalt(it, halt, "taken back") }',
      "takeBack(it)",
    ],
  ]),
  ...inFile("src/core/wish.ts", [
    [
      "approving one region approves all",
      "it.name === name ? { ...it, votes, approved } : it",
      "({ ...it, votes, approved })",
    ],
    [
      "an abort is heard when only locks are left to give back",
      'if (state.closed !== null || isOver(state) || state.mode === "undoing") return false;',
      'if (state.closed !== null || state.mode === "undoing") return false;',
    ],
    ["an undo sends back what was never touched", "  if (it.touched === 0) return it;\n", ""],
    [
      "anybody's lock can be given up by hand",
      "!it.claimed || !keepsLock(it)) return state;",
      "!it.claimed) return state;",
    ],
    ["an undo leaves its locks", "    released: new Map(),\n", ""],
    [
      "a halted rollout lets an instance try again",
      '  if (wish.choice === "retry" && state.mode !== "forward") return state;\n',
      "",
    ],
    [
      "a step that is not idempotent is retried because a person asks",
      'return step.idempotent ? { ...again, phase: "rewinding" } : it;',
      'return { ...again, phase: "rewinding" };',
    ],
    [
      "a good instance can be excluded",
      'choice === "exclude" && it.bad !== null',
      'choice === "exclude"',
    ],
    [
      "a reconcile takes an unknown step for done",
      'phase: "stepping", tries: 0, bad: null, doubt: null, freed: false }',
      'phase: "stepped", tries: 0, bad: null, doubt: null, freed: false }',
    ],
    [
      "a retry of an inconclusive bake seals it",
      'if (it.resumeAt === "bake") return { ...sure, phase: "baking" };',
      'if (it.resumeAt === "bake") return { ...sure, phase: "sealed" };',
    ],
    [
      "a decision counts while an action is under way",
      "if (it === undefined || it.pending !== null) return state;",
      "if (it === undefined) return state;",
    ],
  ]),
  ...inFile("src/core/promises.ts", [
    [
      "nobody would see a region begin too early",
      "    if (early !== undefined)\n",
      "    if (early === null)\n",
    ],
    [
      "nobody would see a step without a snapshot",
      "if (step && !it.snapshotted)",
      "if (step && it.step < 0)",
    ],
    [
      "nobody would see a green end with a bad instance",
      'const green = state.closed === "sealed";',
      "const green = false;",
    ],
    [
      "nobody would see a switch that fires under a person's hands",
      "    .filter(owesStandDown)\n",
      "    .filter(() => false)\n",
    ],
    ["nobody would see a seal out of nothing", "if (!baked && !decided)", "if (!baked && decided)"],
  ]),
  ...inFile("src/core/batches.ts", [
    [
      "a percentage is rounded up",
      "Math.floor((of * count.percent) / 100)",
      "Math.ceil((of * count.percent) / 100)",
    ],
  ]),
  ...inFile("src/core/health.ts", [
    [
      "a bake passes without its last look",
      "courses.every(({ passMs }) => passMs! >= goalMs)",
      "courses.every(({ passMs }) => passMs !== null)",
    ],
    [
      "an error counts as an answer",
      'if (sample.is !== "error") clear = sample;',
      "clear = sample;",
    ],
    [
      "errors never break a healthy stretch",
      "inRow[sample.is] > bearsMax[sample.is]",
      'sample.is === "fail" && inRow[sample.is] > bearsMax[sample.is]',
    ],
    [
      "one healthy probe is enough",
      "return Math.max(openMs, ...courses",
      "return Math.min(openMs, ...courses",
    ],
  ]),
  ...inFile("src/core/did-harm.ts", [
    [
      "a broken contract is no harm",
      'it.bad.as === "contract broken" || it.bad.as === "failed"',
      'it.bad.as === "failed"',
    ],
    ["a spool that somebody emptied is harm of the plan", '  "SNAPSHOT_MISSING",\n', ""],
  ]),
  ...inFile("src/core/due.ts", [
    [
      "a batch begins outside its maintenance window",
      "return state.held === null && !waitsForWindow(region, planned)",
      "return state.held === null",
    ],
    [
      "a region begins outside its maintenance window",
      "    if (waitsForWindow(region, planned)) return null;\n",
      "",
    ],
  ]),
  ...inFile("src/core/told-time.ts", [
    [
      "a window that has closed meanwhile counts as open",
      "(until === null || nowMs < Date.parse(until))",
      "true",
    ],
    ["an approval never expires", "lapsed(region, planned, now) ?? hours", "hours"],
  ]),
  ...inFile("src/core/wish.ts", [
    [
      "one person approves twice",
      "if (before.some((vote) => personOf(vote.by) === personOf(by))) return state;",
      "",
    ],
    [
      "an approval of another digest counts",
      "digest !== state.itinerary.digest || region.stage",
      "region.stage",
    ],
  ]),
];
