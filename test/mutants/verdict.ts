import { inFile, type Planted } from "./planted.ts";

/** Faults in what judges effects, and says what goes back and what is closed. */
export const verdictMutants: readonly Planted[] = [
  ...inFile("src/core/verdict/judge.ts", [
    [
      "a deletion breaks no `keep`",
      'case "keep":\n      return ["deleted", "type-changed"];',
      'case "keep":\n      return ["type-changed"];',
    ],
    [
      "other content breaks no `keep-content`",
      'return ["deleted", "type-changed", "content", "metadata"];',
      'return ["deleted", "type-changed", "metadata"];',
    ],
    [
      "a list that was cut short shows that a contract held",
      "const complete = total <= changes.length;",
      "const complete = total >= 0;",
    ],
    [
      "nobody waits for what regenerates",
      '    if (policy.kind === "regenerates" && missing.length > 0) {',
      '    if (policy.kind === "regenerates" && missing.length < 0) {',
    ],
    [
      "what the plan allows breaks the contract",
      "group.filter((effect) => !budgets.declared.has(effect.path))",
      "group.filter((effect) => effect.path !== null)",
    ],
    [
      "a budget that was exceeded is no finding",
      "const findings: Finding[] = [...budgets.findings];",
      "const findings: Finding[] = [];",
    ],
    [
      "many deletions by others are no finding",
      "    if (others?.finding) broken.push(others.finding);\n",
      "",
    ],
  ]),
  ...inFile("src/core/verdict/classify.ts", [
    [
      "doubtful content counts as the same",
      "if (same !== null) return !same;\n  return before.mtime",
      "if (same !== null) return !same;\n  return before.size < 0 && before.mtime",
    ],
    ["another mode is nothing", "before.mode !== after.mode || ", ""],
    [
      "what a host calls churn is churn, gone or not",
      'listed.churn && kind === "deleted"',
      "listed.churn",
    ],
    [
      "one listing that says churn is enough",
      "change.churn && (known?.churn ?? true)",
      "change.churn || (known?.churn ?? false)",
    ],
  ]),
  ...inFile("src/core/verdict/budgets.ts", [
    [
      "a budget holds one more than its number",
      "if (count <= budget.max && complete) return null;",
      "if (count <= budget.max + 1 && complete) return null;",
    ],
    [
      "a budget can't be exceeded by what was not listed",
      "if (count <= budget.max && complete) return null;",
      "if (count <= budget.max) return null;",
    ],
  ]),
  ...inFile("src/core/verdict/others.ts", [
    [
      "any number of deletions is a handful",
      "if (effects.length <= handfulMax)",
      "if (effects.length > 0)",
    ],
    [
      "whatever happens at a closed path is someone else's doing",
      'effect.class === "deleted" && isHeld(held, effect.path)',
      "isHeld(held, effect.path)",
    ],
  ]),
  ...inFile("src/core/verdict/ruling.ts", [
    [
      "a policy wins over what the step itself writes",
      'trees.set(path, { kind: "own-write", path });',
      'if (!trees.has(path)) trees.set(path, { kind: "own-write", path });',
    ],
  ]),
  ...inFile("src/core/verdict/restore-rules.ts", [
    [
      "what the step made stays after a rollback",
      'return ["deleted", "type-changed", "content", "metadata", "created"];',
      'return ["deleted", "type-changed", "content", "metadata"];',
    ],
    [
      "a rollback removes what the application made below `keep`",
      'case "regenerates":\n      return "deleted";',
      'case "regenerates":\n      return "exactly";',
    ],
    ["a rollback leaves content below `keep-content`", 'return "changed";', 'return "deleted";'],
    [
      "a rollback overwrites what may change",
      'case "may-change":\n      return "leave";',
      'case "may-change":\n      return "exactly";',
    ],
    [
      "a recovery takes the step back",
      '    return regenerates ? "deleted" : "leave";',
      '    return "deleted";',
    ],
  ]),
  ...inFile("src/core/verdict/leftovers.ts", [
    [
      "a comparison that was cut short verifies a rollback",
      "  if (unlisted > 0) findings.push(unverified(order, unlisted));\n",
      "",
    ],
    [
      "what is still missing after a rollback is no finding",
      "  return takenBack(how).includes(effect.class);",
      '  return effect.class !== "deleted" && takenBack(how).includes(effect.class);',
    ],
    [
      "churn is missed after a rollback",
      '  if (how === "deleted" && effect.change.churn) return false;\n',
      "",
    ],
  ]),
  ...inFile("src/core/verdict/regenerate.ts", [
    [
      "what a list that was cut short does not name is back",
      "return effect === undefined ? !complete : isGone(effect);",
      "return effect === undefined ? false : isGone(effect);",
    ],
    [
      "what is still gone counts as back",
      "return effect === undefined ? !complete : isGone(effect);",
      "return effect === undefined && !complete;",
    ],
  ]),
  ...inFile("src/core/verdict/prevention.ts", [
    [
      "a path that the step writes below is closed to it",
      "return isAtOrAbove(a, b) || isAtOrAbove(b, a);",
      "return isAtOrAbove(b, a);",
    ],
    [
      "a step that starts a daemon is closed in",
      "return startsDaemon(text ??",
      "return step.on === null && startsDaemon(text ??",
    ],
    [
      "a service is closed in",
      '  if (step.work.kind === "service") return "it starts a service, which must be able to write";\n',
      "",
    ],
    [
      "what regenerates is closed",
      '    case "keep-content":\n      return null;\n    case "regenerates":\n',
      '    case "keep-content":\n    case "regenerates":\n      return null;\n',
    ],
  ]),
  ...inFile("src/core/verdict/snapshot-paths.ts", [
    [
      "only the manifest is kept of what must be kept",
      'const needed = policy.kind !== "may-change";',
      'const needed = policy.kind === "keep-content";',
    ],
    [
      "what a step writes is kept without content",
      "for (const path of writes) keepsContent.set(treePath(path), true);",
      "for (const path of writes) keepsContent.set(treePath(path), false);",
    ],
    [
      "a tree inside another is left out even where the outer one keeps less",
      "if (outer === true || (outer === false && !content)) return true;",
      "if (outer !== undefined) return true;",
    ],
  ]),
];
