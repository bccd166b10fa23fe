import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { runWords, type WordsRun } from "./run-words.ts";

// As much of GitHub Actions as the example needs, by its documentation: jobs and their `if`, steps with
// `run`, `uses` of a composite action, expressions in `${{ }}`, the files of $GITHUB_OUTPUT and
// $GITHUB_STEP_SUMMARY, artifacts. What it does not know, it refuses.

const step = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  run: z.string().optional(),
  shell: z.literal("bash").optional(),
  env: z.record(z.string(), z.string()).optional(),
});
type Step = z.infer<typeof step>;

const workflow = z.object({
  name: z.string(),
  env: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({ if: z.string(), "runs-on": z.array(z.string()), steps: z.array(step) }),
  ),
});

const action = z.object({
  inputs: z.record(
    z.string(),
    z.object({ default: z.string().optional(), required: z.boolean().optional() }),
  ),
  outputs: z.record(z.string(), z.object({ value: z.string() })),
  runs: z.object({ using: z.literal("composite"), steps: z.array(step) }),
});

export interface GithubJob {
  /** Names of steps (by id, name or what they use), with the exit code of those that ran something. */
  readonly steps: readonly { readonly name: string; readonly ran: WordsRun | null }[];
  readonly ok: boolean;
  /** What $GITHUB_STEP_SUMMARY got, all steps together. */
  readonly summary: string;
  /** By step id. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export interface GithubOrder {
  readonly workflow: string;
  readonly job: string;
  /** The `github` context beside what the stand-in sets itself, as flat names: "event.pull_request.number". */
  readonly github: Readonly<Record<string, string>>;
  /** Folder that the checkout is in: the job's working folder. */
  readonly checkout: string;
  /** Folder of the action that "OWNER/handrail@v1" stands for. */
  readonly action: string;
  /** For files of the runner. */
  readonly temp: string;
  /** Where artifacts go, a folder each. */
  readonly artifacts: string;
  /** Overrides of the workflow's own `env`. */
  readonly env: Readonly<Record<string, string>>;
  /** The environment of the machine: PATH, HOME. */
  readonly machine: Readonly<Record<string, string>>;
}

/** null: its `if` says that it does not run. */
export async function runGithubJob(order: GithubOrder): Promise<GithubJob | null> {
  const read = workflow.parse(parse(readFileSync(order.workflow, "utf8")));
  const job = read.jobs[order.job];
  if (job === undefined) throw new Error(`no job ${order.job}`);
  mkdirSync(order.temp, { recursive: true });
  const runner = new Runner(order, { ...read.env, ...order.env });
  if (!runner.isTrue(job.if, runner.top)) return null;
  for (const each of job.steps) await runner.step(each, runner.top);
  return {
    steps: runner.ran,
    ok: !runner.failed,
    summary: runner.summary,
    outputs: runner.top.outputs,
  };
}

/** What names in expressions mean, in the workflow or in an action. */
interface Scope {
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Map<string, Readonly<Record<string, string>>>;
  readonly actionPath: string | null;
}

class Runner {
  readonly ran: { name: string; ran: WordsRun | null }[] = [];
  readonly top: Scope = { inputs: {}, outputs: new Map(), actionPath: null };
  failed = false;
  summary = "";
  private count = 0;
  private readonly order: GithubOrder;
  private readonly env: Readonly<Record<string, string>>;

  constructor(order: GithubOrder, env: Readonly<Record<string, string>>) {
    this.order = order;
    this.env = env;
  }

  async step(it: Step, scope: Scope): Promise<void> {
    const wanted = it.if === undefined ? !this.failed : this.isTrue(it.if, scope);
    if (!wanted) return;
    const name = it.id ?? it.name ?? it.uses ?? "run";
    const filled = (value: string): string => this.fill(value, scope);
    if (it.run !== undefined) {
      const env = Object.entries(it.env ?? {}).map(([key, value]) => [key, filled(value)]);
      const { ran, outputs } = await this.script(it.run, Object.fromEntries(env));
      this.ran.push({ name, ran });
      if (it.id !== undefined) scope.outputs.set(it.id, outputs);
      if (ran.code !== 0) this.failed = true;
      return;
    }
    this.ran.push({ name, ran: null });
    const given = Object.entries(it.with ?? {}).map(([key, value]) => [key, filled(String(value))]);
    const inputs: Record<string, string> = Object.fromEntries(given);
    if (it.uses === "OWNER/handrail@v1") {
      const outputs = await this.action(inputs);
      if (it.id !== undefined) scope.outputs.set(it.id, outputs);
    } else if (it.uses === "actions/upload-artifact@v4") this.upload(inputs);
    else if (!["actions/checkout@v5", "actions/setup-node@v5"].includes(it.uses ?? ""))
      throw new Error(`not known here: ${it.uses}`);
  }

  private async action(inputs: Readonly<Record<string, string>>) {
    const read = action.parse(parse(readFileSync(join(this.order.action, "action.yml"), "utf8")));
    for (const key of Object.keys(inputs))
      if (read.inputs[key] === undefined) throw new Error(`the action has no input ${key}`);
    const all = Object.entries(read.inputs).map(([key, { default: value, required }]) => {
      if (required === true && inputs[key] === undefined)
        throw new Error(`input ${key} is missing`);
      return [key, inputs[key] ?? value ?? ""];
    });
    const scope: Scope = {
      inputs: Object.fromEntries(all),
      outputs: new Map(),
      actionPath: this.order.action,
    };
    for (const each of read.runs.steps) await this.step(each, scope);
    return Object.fromEntries(
      Object.entries(read.outputs).map(([key, { value }]) => [key, this.fill(value, scope)]),
    );
  }

  private async script(text: string, env: Readonly<Record<string, string>>) {
    this.count += 1;
    const file = (kind: string): string => {
      const path = join(this.order.temp, `${kind}-${this.count}`);
      writeFileSync(path, kind === "script" ? text : "");
      return path;
    };
    const [script, output, summary] = [file("script"), file("output"), file("summary")];
    // As documented for `shell: bash`.
    const ran = await runWords(["bash", "--noprofile", "--norc", "-eo", "pipefail", script], {
      cwd: this.order.checkout,
      env: {
        ...this.order.machine,
        ...this.env,
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_WORKSPACE: this.order.checkout,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        RUNNER_TEMP: this.order.temp,
        ...env,
      },
    });
    this.summary += readFileSync(summary, "utf8");
    const lines = readFileSync(output, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    const pairs = lines.map((line) => [
      line.slice(0, line.indexOf("=")),
      line.slice(line.indexOf("=") + 1),
    ]);
    const outputs: Record<string, string> = Object.fromEntries(pairs);
    return { ran, outputs };
  }

  private upload({ name = "", path = "" }: Readonly<Record<string, string>>): void {
    const into = join(this.order.artifacts, name);
    mkdirSync(into, { recursive: true });
    for (const each of path.split("\n").filter((line) => line.trim() !== "")) {
      const from = each.startsWith("/") ? each : join(this.order.checkout, each);
      cpSync(from, join(into, basename(each)));
    }
  }

  /** `a == 'b' && c == d`, or `always()`. */
  isTrue(expression: string, scope: Scope): boolean {
    if (expression === "always()") return true;
    return expression.split("&&").every((part) => {
      const [left = "", right = ""] = part
        .split("==")
        .map((side) => this.value(side.trim(), scope));
      return left === right;
    });
  }

  private fill(text: string, scope: Scope): string {
    return text.replaceAll(/\$\{\{ *([^}]*?) *\}\}/g, (_all, name: string) =>
      this.value(name, scope),
    );
  }

  private value(name: string, scope: Scope): string {
    if (/^'[^']*'$/.test(name)) return name.slice(1, -1);
    if (name === "github.action_path" && scope.actionPath !== null) return scope.actionPath;
    const [root, ...rest] = name.split(".");
    const found =
      root === "github"
        ? this.order.github[rest.join(".")]
        : root === "env"
          ? this.env[rest.join(".")]
          : root === "inputs"
            ? scope.inputs[rest.join(".")]
            : root === "steps" && rest[1] === "outputs"
              ? (scope.outputs.get(rest[0]!)?.[rest.slice(2).join(".")] ?? "")
              : undefined;
    if (found === undefined) throw new Error(`not known here: \${{ ${name} }}`);
    return found;
  }
}
