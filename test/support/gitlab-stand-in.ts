import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { runWords, type WordsRun } from "./run-words.ts";

// As much of GitLab CI as the example needs, by its documentation: variables, `before_script`, `script`
// and `after_script` of one job, its artifacts, and the three calls of the API that it makes.

const job = z.object({
  script: z.array(z.string()),
  after_script: z.array(z.string()).optional(),
  allow_failure: z.object({ exit_codes: z.array(z.number()) }).optional(),
  artifacts: z.object({
    when: z.literal("always"),
    paths: z.array(z.string()),
    reports: z.object({ junit: z.string() }),
  }),
});

const pipeline = z.object({
  stages: z.array(z.string()),
  variables: z.record(z.string(), z.string()),
  default: z.object({ before_script: z.array(z.string()) }),
  preview: job,
  apply: job,
});

export interface GitlabJob {
  readonly script: WordsRun;
  readonly after: WordsRun | null;
  /** As the pipeline shows it. */
  readonly status: "success" | "warning" | "failed";
}

export interface GitlabOrder {
  readonly file: string;
  readonly job: "preview" | "apply";
  readonly checkout: string;
  readonly artifacts: string;
  /** Overrides of the file's own, and what GitLab sets itself. */
  readonly variables: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, string>>;
}

export async function runGitlabJob(order: GitlabOrder): Promise<GitlabJob> {
  const read = pipeline.parse(parse(readFileSync(order.file, "utf8")));
  const it = read[order.job];
  const env = {
    ...order.machine,
    ...read.variables,
    CI: "true",
    GITLAB_CI: "true",
    ...order.variables,
  };
  // The runner gives the lines of a script to one shell, which ends with the first that fails.
  const shell = (lines: readonly string[]): Promise<WordsRun> =>
    runWords(["bash", "-eo", "pipefail", "-c", lines.join("\n")], { cwd: order.checkout, env });
  const script = await shell([...read.default.before_script, ...it.script]);
  const after = it.after_script === undefined ? null : await shell(it.after_script);
  mkdirSync(order.artifacts, { recursive: true });
  for (const path of [...it.artifacts.paths, it.artifacts.reports.junit]) {
    const from = join(order.checkout, path);
    if (existsSync(from)) cpSync(from, join(order.artifacts, path));
  }
  const isAllowed = it.allow_failure?.exit_codes.includes(script.code) === true;
  return {
    script,
    after,
    status: script.code === 0 ? "success" : isAllowed ? "warning" : "failed",
  };
}

export interface GitlabApi extends AsyncDisposable {
  readonly url: string;
  /** Notes that were written to the merge request, as they came. */
  readonly notes: readonly string[];
}

/** The API of a project with the id 7 and one merge request, !12, which became commit `c0ffee`. */
export async function gitlabApi(artifacts: string, token: string): Promise<GitlabApi> {
  const notes: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const what = `${request.method} ${request.url}`;
      if (request.headers["private-token"] !== token) return void response.writeHead(401).end();
      if (what === "POST /api/v4/projects/7/merge_requests/12/notes") {
        notes.push(body);
        return void response.writeHead(201).end("{}");
      }
      if (what === "GET /api/v4/projects/7/repository/commits/c0ffee/merge_requests")
        return void response.end(JSON.stringify([{ iid: 12 }]));
      const raw =
        "GET /api/v4/projects/7/jobs/artifacts/refs%2Fmerge-requests%2F12%2Fhead/raw/preview.json?job=preview";
      if (what === raw) return void response.end(readFileSync(join(artifacts, "preview.json")));
      return void response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  return {
    url: `http://127.0.0.1:${port}/api/v4`,
    notes,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
