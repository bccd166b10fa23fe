/** By verb: a line as it is typed, and what it is for. Shown in `--help`; each line fits 80 columns. */
export const examples: Readonly<
  Record<string, readonly (readonly [line: string, says: string])[]>
> = {
  init: [["handrail init fixes/kb-4711", "a plan that is valid as it is"]],
  validate: [["handrail validate plan.yaml", "every mistake at once"]],
  preview: [
    ["handrail preview plan.yaml --hosts", "look at the hosts, too"],
    ["handrail preview plan.yaml --out kb.json", "bind a rollout to this look"],
  ],
  rehearse: [["handrail rehearse plan.yaml --instance cn01", "in a copy of cn01"]],
  apply: [
    ["handrail apply plan.yaml", "at a terminal: asks for the regions"],
    ["handrail apply kb.json --junit out.xml", "in CI: what the preview showed"],
  ],
  status: [["handrail status --watch", "follow the newest rollout"]],
  pause: [["handrail pause 7f3a", "the end of an id is enough"]],
  resume: [["handrail resume 7f3a", "go on where its journal stands"]],
  abort: [["handrail abort 7f3a --rollback", "end it, and take all of it back"]],
  approve: [["handrail approve 7f3a cn --reason checked", "let region cn begin"]],
  override: [["handrail override 7f3a cn --reason urgent", "outside its window"]],
  decide: [["handrail decide 7f3a accept cn01 --reason seen", "cn01 counts as good"]],
  watch: [["handrail watch 7f3a --for 24h", "look at what is sealed for a day"]],
  undo: [["handrail undo 7f3a --approve DIGEST", "without a terminal"]],
  reconcile: [["handrail reconcile 7f3a", "ask the hosts again"]],
  serve: [["handrail serve --port 4711", "the page on this port, for a tunnel by ssh"]],
  report: [
    ["handrail report 7f3a", "what happened, with its timeline"],
    ["handrail report 7f3a --html report.html", "the same for a browser, in one file"],
  ],
  journal: [["handrail journal 7f3a verify", "is it what was written?"]],
  locks: [
    ["handrail locks plan.yaml", "also what the hosts say"],
    ["handrail locks release cn01 --rollout ID --why seen", "give the lock of cn01 up"],
  ],
  snapshots: [["handrail snapshots", "what can still be taken back"]],
  notices: [["handrail notices 7f3a --send", "tell again who was not told"]],
  doctor: [["handrail doctor plan.yaml", "this machine, and the plan's hosts"]],
  schema: [["handrail schema plan > plan.schema.json", "for editors"]],
  completion: [["source <(handrail completion bash)", "in ~/.bashrc"]],
};
