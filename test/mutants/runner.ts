import { inFile, type Planted } from "./planted.ts";

/** Faults in what does: the loop, the performer, one file per action. */
export const runnerMutants: readonly Planted[] = [
  ...inFile("src/runner/run-rollout.ts", [
    [
      "an action begins before its intent is durable",
      '        const written = await record({ kind: "intent", action }).then(() => true, onFull);\n        if (!written) break;\n        begin(action);\n',
      '        const written = record({ kind: "intent", action }).then(() => true, onFull);\n        begin(action);\n        if (!(await written)) break;\n',
    ],
    [
      "an outcome is written before it happened",
      '.then((outcome): RolloutEvent => ({ kind: "outcome", action, outcome }));\n',
      '.then((outcome): RolloutEvent => ({ kind: "outcome", action, outcome: { ...outcome, is: "done" } as never }));\n',
    ],
    [
      "a resumed rollout does not settle what was pending",
      "  for (const event of recover(state)) await record(event);\n",
      "",
    ],
    [
      "records are written out of turn",
      "const write = writing.then(async () => {",
      "const write = Promise.resolve().then(async () => {",
    ],
    [
      "secrets go into the journal",
      "const event = cleanEvent(raw, parts.redactor);",
      "const event = raw;",
    ],
    [
      "state moves on before the record is durable",
      "      const written = await session.append(event, options);\n      state = after;\n",
      "      state = after;\n      const written = await session.append(event, options);\n",
    ],
    [
      "what is due is written after new work has begun",
      "      for (let event = owed(); event !== null; event = owed()) {\n",
      "      for (let event = owed(); event !== null && decide(state).length === 0; event = owed()) {\n",
    ],
    [
      "marks of an earlier runner are forgotten",
      '    if (event.kind === "noted") performer.recall(event.note);\n',
      "",
    ],
  ]),
  ...inFile("src/runner/perform-snapshot.ts", [
    [
      "the snapshot is taken on the first host only",
      "of hostsOf(work, spec)) {",
      "of hostsOf(work, spec).slice(0, 1)) {",
    ],
    [
      "every generation of a snapshot has the same name",
      "generationKey(work, step, work.state.generation)",
      "generationKey(work, step, 1)",
    ],
    [
      "the snapshot covers what is protected, and nothing that the step writes",
      "writes: [...trees.writes, ...missing] }),",
      "writes: missing }),",
    ],
    [
      "the folders that a step will make are in no snapshot",
      "writes: [...trees.writes, ...missing] }),",
      "writes: trees.writes }),",
    ],
  ]),
  ...inFile("src/runner/perform-apply.ts", [
    [
      "the guard is armed after the step",
      '  const armed = guarded === null ? null : await arm(work, guarded);\n  if (guarded !== null && it.inDoubt) await refuseToBegin(work, it);\n  const units = await lookAtUnits(work, it);\n  await work.note({ kind: "step.started", host: host.name, step, attempt, ...units });\n  const readOnly = readOnlyPaths(work, it);\n  const result = await runStep(work, it, { guarded, readOnly });\n',
      '  await work.note({ kind: "step.started", host: host.name, step, attempt });\n  const readOnly = readOnlyPaths(work, it);\n  const result = await runStep(work, it, { guarded: null, readOnly });\n  const armed = guarded === null ? null : await arm(work, guarded);\n',
    ],
    [
      "the guard is not armed at all",
      "guarded === null ? null : await arm(work, guarded);\n  if (guarded",
      "guarded === null || step >= 0 ? null : await arm(work, guarded);\n  if (guarded",
    ],
    [
      "a step runs whether its guard is armed or not",
      "    armed: guarded === null ? null : snapshotKey(work, step),\n",
      "    armed: null,\n",
    ],
    [
      "the guard is disarmed before the verdict",
      "  // What a failed step did is worth knowing too, so the verdict comes before the failure.\n",
      '  if (guarded !== null) await disarm(work, { step, host }, "judged");\n',
    ],
    [
      "the guard is disarmed before users are asked",
      '  if (spec.probes) await seeUsersServed(work, spec);\n  if (!isGuarded(work.parts.itinerary, step)) return;\n  for (const host of hosts) {\n    const fired = await disarm(work, { step, host }, "judged");\n    if (fired !== null) throw failed(fired);\n  }\n',
      '  for (const host of isGuarded(work.parts.itinerary, step) ? hosts : []) {\n    const fired = await disarm(work, { step, host }, "judged");\n    if (fired !== null) throw failed(fired);\n  }\n  if (spec.probes) await seeUsersServed(work, spec);\n',
    ],
    [
      "only the first host is disarmed",
      "  for (const host of hosts) {\n    const fired",
      "  for (const host of hosts.slice(0, 1)) {\n    const fired",
    ],
    [
      "a step is good although its guard fired",
      "    if (fired !== null) throw failed(fired);\n  }\n}\n\ninterface HostStep",
      "    void fired;\n  }\n}\n\ninterface HostStep",
    ],
    [
      "nobody asks whether the guard ended the step",
      'if (guarded !== null && result.failure?.code === "STEP_INTERRUPTED") await arm(work, guarded);',
      "",
    ],
    [
      "a step in doubt begins from a snapshot of long ago",
      "  if (guarded !== null && it.inDoubt) await refuseToBegin(work, it);\n",
      "",
    ],
    [
      "a switch that is gone when the step should begin is no matter for the switch",
      "if (guarded !== null && isUnarmed(error)) await arm(work, guarded);",
      "",
    ],
    [
      "the step runs on the first host only",
      "of hosts.entries()) {",
      "of hosts.slice(0, 1).entries()) {",
    ],
    [
      "nobody asks users after a step",
      "  if (spec.probes) await seeUsersServed(work, spec);\n",
      "",
    ],
    [
      "a step runs without asking for its snapshot",
      "    snapshot: snapshotKey(work, step),\n",
      "    snapshot: null,\n",
    ],
    [
      "a step that failed is good when its effects are",
      "  if (result.failure !== null) throw failed(withPreventionHint(result.failure, result));\n",
      "",
    ],
    [
      "a broken contract is noted, and no more",
      "  if (broken !== null) throw failed({ ...broken, host: host.name });\n",
      "",
    ],
    [
      "unhealthy after a step is a matter for later",
      'if (health.is === "healthy") return;',
      'if (health.is !== "inconclusive") return;',
    ],
    [
      "the undo on the host has another receipt than a rollback's",
      "rollback: work.state.rollbacks + 1 }",
      "rollback: work.state.rollbacks }",
    ],
    [
      "no path is closed to a step",
      "return prevention({ ...trees, step: spec, allow, prevent }).readOnly;",
      "return prevention({ ...trees, step: spec, allow, prevent: false }).readOnly;",
    ],
  ]),
  ...inFile("src/runner/dead-man.ts", [
    [
      "a refused switch is as good as one",
      '  if (result.kind === "refused") throw failed({ ...result.failure, host: it.host.name });\n',
      "",
    ],
    [
      "a switch that has fired is as good as one",
      '  if (result.kind === "fired") throw failed(await noteFired(work, it, result.fired));\n',
      "",
    ],
    ["a host that armed a switch counts as untouched", "  work.heard = true;\n", ""],
    [
      "the lease is not renewed for the way back",
      "  if (!work.isArmed(it.host.name, it.step)) return false;\n",
      "  if (work.epoch >= 0) return false;\n",
    ],
    [
      "a host that has fired counts as disarmed",
      '  if (result.kind === "fired") return noteFired(work, it, result.fired);\n',
      "",
    ],
    ["any step may have an armed switch", "    step === work.state.touched - 1 &&\n", ""],
    [
      "the switch puts back less than a rollback",
      'rules: restoreRules(treesOf(work, spec, host), "rollback"),',
      'rules: restoreRules(treesOf(work, spec, host), "recovery"),',
    ],
    [
      "the switch takes no undo along",
      "undo: undoCommand(work, { step, host, rollback }),",
      "undo: null,",
    ],
    [
      "the switch recovers nothing",
      "recover: recoverCommands(work, { step, attempt, host }),",
      "recover: [],",
    ],
    [
      "the switch ends the first attempt, whichever runs",
      "receipt: receiptKey(work, step, attempt),\n",
      "receipt: receiptKey(work, step, 1),\n",
    ],
  ]),
  ...inFile("src/runner/settle-step.ts", [
    [
      "nobody ends what still runs",
      "  if (step !== work.state.touched - 1) return true;\n",
      "  if (step !== work.state.touched) return true;\n",
    ],
    [
      "what a host has forgotten never ran",
      "  let began = step < work.state.done;\n",
      "  let began = false;\n",
    ],
    [
      "only the last attempt is settled",
      "attempt >= 1; attempt -= 1",
      "attempt >= work.state.attempt; attempt -= 1",
    ],
    [
      "what began counts as never begun",
      '(await endOf(work, host, key)).kind !== "never"',
      '(await endOf(work, host, key)).kind === "never"',
    ],
    [
      "a recovery goes on behind the way back",
      "  if (began) for (const key of recoverKeys(work, step)) await settle(work, host, key);\n",
      "",
    ],
  ]),
  ...inFile("src/runner/judge-host.ts", [
    [
      "the verdict looks at the snapshot of the first step",
      "const key = snapshotKey(work, step);",
      "const key = snapshotKey(work, 0);",
    ],
    [
      "findings are noted, and no more",
      'const failure = failureOf(findings, `step "${spec.name}" on ${host.name}`);',
      'const failure = failureOf([], `step "${spec.name}" on ${host.name}`);',
    ],
    [
      "what did not come back is no finding",
      "union(before, [...judged.verdict.findings, ...late.findings])",
      "union(before, judged.verdict.findings)",
    ],
    [
      "what the plan allows counts as broken",
      "const allow = substitute(spec.allow, environmentOf(work, host));",
      "const allow = substitute(spec.allow.slice(1, 1), environmentOf(work, host));",
    ],
    [
      "nobody waits for what may come back by itself",
      "isSure || judged.awaiting.length === 0\n",
      "isSure || judged.awaiting.length >= 0\n",
    ],
  ]),
  ...inFile("src/runner/put-back.ts", [
    [
      "what was put back is not looked at",
      "  await verifyContent(work, { spec, step, host, trees });\n  return null;\n",
      "  return null;\n",
    ],
    [
      "paths that could not be put back are no matter",
      '  if (first !== undefined)\n    throw failed({\n      code: "RESTORE_INCOMPLETE",\n      message: `${result.failedTotal}',
      '  if (first === null)\n    throw failed({\n      code: "RESTORE_INCOMPLETE",\n      message: `${result.failedTotal}',
    ],
    [
      "later work is overwritten unasked",
      'const later = order.reason === "rewind" ? "replace" : work.later;',
      'const later = "replace" as "replace" | "keep";',
    ],
    [
      "later work that stays is told to nobody",
      '  if (later === "keep" && conflicts.total > 0) return conflictOf(order, result);\n',
      "",
    ],
    [
      "the wrong snapshot is put back",
      "  const key = snapshotKey(work, step);\n  const trees",
      "  const key = snapshotKey(work, 0);\n  const trees",
    ],
  ]),
  ...inFile("src/runner/perform-revert.ts", [
    [
      "the undo of an older step goes on while a newer one is put back",
      "    await settleOlderUndos(work, step, host);\n",
      "",
    ],
    [
      "a restore comes while the step still runs",
      "    const began = await settleStep(work, step, host);\n    await settleOlderUndos",
      "    const began = true;\n    await settleOlderUndos",
    ],
    ["the way back does not take the lock", "    await claimHost(work, host);\n", ""],
    [
      "an undo runs although its step never began",
      "began ? await runUndo(work, { spec, step, host }) : null",
      "await runUndo(work, { spec, step, host })",
    ],
    [
      "no undo runs",
      "began ? await runUndo(work, { spec, step, host }) : null",
      "null as Failure | null",
    ],
    [
      "what never began is put back to a snapshot of long ago",
      "const conflict = began ? await putBack",
      "const conflict = spec !== null ? await putBack",
    ],
    [
      "a failed undo is forgotten",
      "    flaw ??= worstOf(undo, conflict);\n",
      "    flaw ??= conflict;\n",
    ],
    [
      "later work that was left alone is forgotten",
      "    flaw ??= worstOf(undo, conflict);\n",
      "    flaw ??= undo;\n",
    ],
    [
      "nothing is put back on the way back",
      'const conflict = began ? await putBack(work, { spec, step, host, reason: "rollback" }) : null;',
      "const conflict = null as Failure | null;",
    ],
    [
      "the guard is disarmed before anything is put back",
      '    const conflict = began ? await putBack(work, { spec, step, host, reason: "rollback" }) : null;\n    await disarmPutBack(work, { spec, step, host, reason: "rollback" }, began);\n',
      '    await disarmPutBack(work, { spec, step, host, reason: "rollback" }, began);\n    const conflict = began ? await putBack(work, { spec, step, host, reason: "rollback" }) : null;\n',
    ],
    [
      "the guard stays armed after the way back",
      '    await disarmPutBack(work, { spec, step, host, reason: "rollback" }, began);\n',
      "",
    ],
    [
      "after a failed undo the snapshot stays where it is",
      "const conflict = began ? await putBack",
      "const conflict = began && undo === null ? await putBack",
    ],
    [
      "another attempt begins on what the last one left",
      '    if (began) await putBack(work, { spec, step, host, reason: "rewind" });\n',
      "",
    ],
    [
      "another attempt begins while the last one runs",
      "    const began = await settleStep(work, step, host);\n    if (began)",
      "    const began = true;\n    if (began)",
    ],
    [
      "another attempt begins although the guard has fired",
      "    if (fired !== null) throw failed(fired);\n  }\n}\n\n/** The instance waits",
      "    void fired;\n  }\n}\n\n/** The instance waits",
    ],
    [
      "an instance waits for a person while its step runs on",
      "    await settleStep(work, step, host);\n    late =",
      "    late =",
    ],
    [
      "what a fired guard has left half-way stays so",
      "  if (fired !== null && began) await putBack(work, order);\n",
      "",
    ],
    [
      "a request that may have been heard is sent again",
      'orders.do === "http" && work.state.tries > 0',
      'orders.do === "http" && work.state.tries < 0',
    ],
    [
      "the first host goes back first",
      "  const hosts = [...hostsOf(work, spec)].reverse();\n",
      "  const hosts = [...hostsOf(work, spec)];\n",
    ],
  ]),
  ...inFile("src/runner/perform-release.ts", [
    [
      "a host is given up with an undo at work on it",
      "        settleUndo(work, { step, host, waitMs: settleWaitMs }),\n",
      "        Promise.resolve(),\n",
    ],
    [
      "a rollout that could be undone keeps no snapshot",
      'return work.state.phase === "sealed" ? retentionMs : 0;',
      "return 0;",
    ],
    [
      "a lock that a person gave up takes the snapshots along",
      "  if (work.state.freed) return Math.max(retentionMs, freedKeepMinMs);\n",
      "",
    ],
    [
      "only the first host's lock is given back",
      "onEach([...everyHost(work), ...own]",
      "onEach([...everyHost(work).slice(0, 1), ...own]",
    ],
  ]),
  ...inFile("src/runner/work.ts", [
    [
      "all attempts of a step share a receipt",
      "return `${stepKey(work, step)}.${attempt}`;",
      "return `${stepKey(work, step)}.${attempt === 0 ? 0 : 1}`;",
    ],
    [
      "all steps share a snapshot",
      "return `${work.instance.name}.${step + 1}`;",
      "return `${work.instance.name}.${step < 0 ? 0 : 1}`;",
    ],
    [
      "a rollback puts back the first snapshot of a step, whichever it began from",
      "return generationKey(work, step, work.state.bases[step] ?? 1);",
      "return generationKey(work, step, 1);",
    ],
    ["an undo goes by one receipt for ever", ".undo.${rollback}${failures", ".undo.1${failures"],
    [
      "an undo that failed is asked for by the same receipt",
      '${failures === 0 ? "" : `.${failures + 1}`}`;',
      '${failures < 0 ? "x" : ""}`;',
    ],
  ]),
  ...inFile("src/runner/bring-back.ts", [
    [
      "what did not come back in time is no finding",
      "findings: late.map((it) => lateFinding(it, it.missing, look)), returns };",
      "findings: late.slice(1, 1).map((it) => lateFinding(it, it.missing, look)), returns };",
    ],
    [
      "what is late is not recovered",
      "  for (const it of late) told.push(await recoverTree(work, order, it));\n",
      "",
    ],
    [
      "nobody waits for what comes back by itself",
      "const waiting = open.filter((it) => it.withinMs > passedMs);",
      "const waiting = open.filter((it) => it.withinMs < 0 && passedMs < 0);",
    ],
    [
      "a recovery that did not help counts as verified",
      'const verified = missing.length === 0 && health.is === "healthy";',
      "const verified = true as boolean;",
    ],
  ]),
  ...inFile("src/runner/perform-verify.ts", [
    [
      "after the rollback nobody compares content",
      "  await verifyFirstSnapshots(work, done);\n",
      "",
    ],
    [
      "after the rollback nobody asks users",
      '  if (health.is === "healthy") return;\n',
      "  if (health.is !== null) return;\n",
    ],
    [
      "trees are compared with their last snapshot",
      "      await verifyContent(work, { spec, step, host, trees });\n",
      "      await verifyContent(work, { spec, step, host, trees: all });\n",
    ],
  ]),
  ...inFile("src/runner/perform-begin.ts", [
    [
      "a sick instance is touched",
      'if (health.is === "unhealthy")\n    throw',
      'if (health.is === ("never" as string))\n    throw',
    ],
    [
      "a refused lock is no matter",
      "  granted(await guard.claim({ holder, message, leaseMs, epoch: work.epoch, confirm }));\n",
      "  await guard.claim({ holder, message, leaseMs, epoch: work.epoch, confirm });\n",
    ],
    [
      "a late claim is not confirmed",
      "epoch: work.epoch, confirm }",
      "epoch: work.epoch, confirm: () => Promise.resolve() }",
    ],
    [
      "only the first host is locked",
      "[...work.instance.hosts, ...own]",
      "[...work.instance.hosts.slice(0, 1), ...own]",
    ],
  ]),
  ...inFile("src/runner/perform-bake.ts", [
    [
      "an unhealthy bake is good",
      'if (health.is === "healthy") return;',
      'if (health.is !== "inconclusive") return;',
    ],
    [
      "an inconclusive bake is good",
      'if (health.is === "healthy") return;',
      'if (health.is !== "unhealthy") return;',
    ],
    [
      "the bake takes one look",
      'watchHealth(work, bake, "bake"))',
      'watchHealth(work, { settleMs: 0, stableMs: 0, retryMs: 0 }, "bake"))',
    ],
  ]),
  ...inFile("src/runner/performer.ts", [
    [
      "unreachable is taken for untouched after a host heard of it",
      'return outcome.is === "unreachable" && work.heard ?',
      'return outcome.is === "unreachable" && work.heard === null ?',
    ],
    [
      "a resumed runner does not make itself known to the hosts",
      "if (changesHosts(work, action) && !claimed.has(action.instance)) {",
      'if (action.kind === "begin" && !claimed.has(action.instance)) {',
    ],
    ["a channel that lost an answer is asked again", "(silent || endsInstance", "(endsInstance"],
    ["what waits before it asks again never waits", "if (wait > 0) await", "if (wait > 1e9) await"],
    [
      "a verify is done before it began",
      "      return performVerify(work);\n",
      "      return Promise.resolve();\n",
    ],
    [
      "a begin is done before it began",
      "      return performBegin(work);\n",
      "      return Promise.resolve();\n",
    ],
    [
      "a snapshot is done before it began",
      "      return performSnapshot(work, action.step);\n",
      "      return Promise.resolve();\n",
    ],
    [
      "a rewind is done before it began",
      "      return performRewind(work, action.step);\n",
      "      return Promise.resolve();\n",
    ],
    [
      "a release is done before it began",
      "      return performRelease(work);\n",
      "      return Promise.resolve();\n",
    ],
  ]),
  ...inFile("src/runner/run-orders.ts", [
    [
      "a step that ended with an error is good",
      "  if (exitCode !== 0)\n",
      "  if (exitCode !== 0 && timedOut)\n",
    ],
    [
      "a step that was ended half-way is good",
      'output: "", held: notAsked, failure };',
      'output: "", held: notAsked, failure: null };',
    ],
    [
      "a step that a host heard of leaves no trace of it",
      '  if (result.kind === "refused") throw failed(result.failure);\n  work.heard = true;\n',
      '  if (result.kind === "refused") throw failed(result.failure);\n',
    ],
  ]),
  ...inFile("src/runner/action-ended.ts", [
    [
      "a lost answer is taken for unreachable",
      'throw new ActionEnded({ is: "unknown", failure: answer.failure });',
      'throw new ActionEnded({ is: "unreachable", failure: answer.failure });',
    ],
    [
      "a refusal of the guard is an answer",
      "  if (isRefusal(value)) throw failed(value.failure);\n",
      "",
    ],
  ]),
  ...inFile("src/runner/on-each.ts", [
    [
      "trouble on one host ends the way back on the others",
      "await act(one).catch((error: unknown) => troubles.push(error));",
      "await act(one);",
    ],
    ["trouble on one host is forgotten", "  if (troubles.length > 0) throw troubles[0];\n", ""],
  ]),
  ...inFile("src/runner/look.ts", [
    [
      "of several hosts the best answer counts",
      "rank[answer.is] > rank[worst.is]",
      "rank[answer.is] < rank[worst.is]",
    ],
    [
      "a host that can't be asked counts as serving",
      'return { is: "error", because: error.outcome.failure.message, tookMs: 0 };',
      'return { is: "pass", because: error.outcome.failure.message, tookMs: 0 };',
    ],
    [
      "inconclusive health is healthy",
      'return { is: "inconclusive", because: next.because, probes: next.probes };',
      'return { is: "healthy" };',
    ],
    [
      "unhealthy is healthy",
      'return { is: "unhealthy", because: next.because, probes: next.probes };',
      'return { is: "healthy" };',
    ],
  ]),
  ...inFile("src/runner/deadlines.ts", [
    ["an instance that takes too long goes on", "        abort.abort();\n", ""],
    [
      "the time of an instance begins anew with each action",
      "const begunMs = this.#begun.get(clock) ?? this.#clock.now();",
      "const begunMs = this.#clock.now();",
    ],
    [
      "a rollout that gets no further goes on for ever",
      "if (this.#clock.now() - this.#progressMs < progressMs) return null;",
      "if (this.#clock.now() >= 0) return null;",
    ],
  ]),
  ...inFile("src/runner/guard-pool.ts", [
    [
      "a connection that failed to open is kept",
      "      if (this.#open.get(key)?.guard === guard) this.#open.delete(key);\n",
      "",
    ],
  ]),
  ...inFile("src/runner/refuse-harm.ts", [
    [
      "a plan that did harm may go on",
      "    if (harm === null) continue;\n",
      "    if (harm !== undefined) continue;\n",
    ],
  ]),
];
