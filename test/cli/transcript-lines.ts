const [sealed, halted, approval, inconclusive, dead] = ["aaaa", "bbbb", "cccc", "dddd", "eeee"];

/**
 * By verb, the command lines of its transcript beside `--help`: where it does what it is for, and each
 * way in which it refuses. Rollouts are those of `small-journal.ts`; nothing here reaches a host, so
 * of the verbs that carry a rollout there are the refusals (test/e2e has the rest).
 */
export const transcripts: Readonly<Record<string, readonly string[]>> = {
  init: ["init new", "init new", "init", "init a b"],
  validate: [
    "validate plan.yaml",
    "validate harmful.yaml",
    "validate wrong.yaml",
    "validate nowhere.yaml",
    "validate",
    "validate plan.yaml --inventory nowhere.yaml",
    "validate plan.yaml --jsn",
  ],
  preview: [
    "preview plan.yaml",
    "preview harmful.yaml",
    "preview wrong.yaml",
    "preview nowhere.yaml",
    "preview plan.yaml --emergency",
    "preview plan.yaml --markdown nowhere/x",
  ],
  rehearse: ["rehearse wrong.yaml", "rehearse plan.yaml --instance nobody", "rehearse"],
  apply: [
    "apply plan.yaml",
    "apply plan.yaml --approve 0000",
    "apply harmful.yaml",
    "apply wrong.yaml",
    "apply plan.yaml --json-into nowhere/x",
    "apply plan.yaml --junit nowhere/x",
    "apply plan.yaml --wait soon",
    "apply plan.yaml --limit one",
    "apply plan.yaml --dry-run=yes",
    "apply",
  ],
  status: ["status", `status ${halted}`, "status nobody", "status --state nowhere", "status a b"],
  pause: [`pause ${dead}`, `pause ${sealed}`, `pause ${approval}`, "pause nobody", "pause"],
  resume: [`resume ${sealed}`, `resume ${halted}`, "resume nobody", "resume"],
  abort: [`abort ${sealed}`, `abort ${halted}`, "abort nobody", "abort"],
  approve: [
    `approve ${approval} us`,
    `approve ${approval} nowhere`,
    `approve ${approval} us --digest 0000`,
    `approve ${sealed} us`,
    "approve nobody us",
    `approve ${approval}`,
  ],
  override: [
    `override ${approval} us --reason urgent`,
    `override ${approval} us`,
    `override ${sealed} us --reason urgent`,
    "override nobody us --reason urgent",
  ],
  decide: [
    `decide ${inconclusive} accept eu1 --reason seen`,
    `decide ${inconclusive} accept us1 --reason seen`,
    `decide ${inconclusive} accept nobody --reason seen`,
    `decide ${sealed} accept eu1 --reason seen`,
    `decide ${inconclusive} accept eu1`,
    `decide ${inconclusive} agree eu1 --reason seen`,
  ],
  watch: [`watch ${halted} --for never`, "watch nobody"],
  undo: ["undo nobody", "undo", `undo ${approval} --approve 0000`],
  reconcile: [`reconcile ${sealed}`, "reconcile nobody", "reconcile"],
  serve: ["serve --port many", "serve extra", "serve --state nowhere"],
  notices: [`notices ${halted}`, "notices nobody", "notices"],
  report: [`report ${halted}`, "report nobody", "report"],
  journal: [
    `journal ${dead}`,
    `journal ${sealed} verify`,
    "journal nobody",
    `journal ${sealed} prove`,
  ],
  locks: [
    "locks",
    "locks release nobody --rollout x --why y",
    "locks release eu1",
    "locks nowhere.yaml",
  ],
  snapshots: ["snapshots --state nowhere", "snapshots extra"],
  doctor: ["doctor", "doctor wrong.yaml"],
  schema: ["schema plam", "schema"],
  completion: ["completion powershell", "completion"],
};
