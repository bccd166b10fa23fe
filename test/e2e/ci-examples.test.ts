import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkout as repository, type TempFolder, tempFolder } from "../cli/run-handrail.ts";
import { runGithubJob, type GithubOrder } from "../support/github-stand-in.ts";
import { gitlabApi, runGitlabJob } from "../support/gitlab-stand-in.ts";
import { notPassed, readJunit } from "../support/junit-shape.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { codeCache } from "../support/plain-env.ts";

interface Place extends AsyncDisposable {
  /** The commit as it is checked out. */
  readonly checkout: string;
  readonly artifacts: string;
  readonly state: string;
  readonly temp: string;
  home(name: string): string;
  readonly machine: Readonly<Record<string, string>>;
  /** Changes the plan, as a later commit does. */
  commit(from: string, to: string): Promise<void>;
}

/** A repository with a plan for two instances in production, in folders of this machine. */
async function place(): Promise<Place> {
  const folder: TempFolder = await tempFolder();
  const at = (...names: string[]): string => join(folder.path, ...names);
  const home = (name: string): string => at("fleet", name);
  for (const name of ["eu01", "cn01"]) {
    await mkdir(join(home(name), "tmp"), { recursive: true });
    await writeFile(join(home(name), "tmp", "page"), "warm\n");
  }
  await mkdir(at("repo", "fixes", "kb-4711"), { recursive: true });
  const plan = at("repo", "fixes", "kb-4711", "plan.yaml");
  await writeFile(plan, planText);
  const inventory = ["eu", "cn"].map(
    (region) =>
      `  - { name: ${region}, instances: [{ name: ${region}01, vars: { home: "${home(`${region}01`)}" } }] }`,
  );
  await writeFile(
    join(dirname(plan), "inventory.yaml"),
    `handrail: 1\nname: alma\nspool: "${at("spool")}"\ndefaults: { via: local }\nregions:\n${inventory.join("\n")}\n`,
  );
  await mkdir(at("bin"));
  await program(at("bin", "gh"), ghScript);
  await program(at("bin", "npm"), 'echo "$@" >> "$HOME/npm-calls"\n');
  return {
    checkout: at("repo"),
    artifacts: at("artifacts"),
    state: at("state"),
    temp: at("temp"),
    home,
    machine: {
      ...codeCache,
      HOME: folder.path,
      PATH: [
        at("bin"),
        dirname(process.execPath),
        join(repository, "test", "support", "bin"),
        process.env["PATH"] ?? "",
      ].join(delimiter),
      // For the stand-in of gh.
      ARTIFACTS: at("artifacts"),
    },
    commit: async (from, to) => writeFile(plan, (await readFile(plan, "utf8")).replace(from, to)),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const planText = `handrail: 1
name: kb-4711
summary: Write the new setting.
inventory: inventory.yaml
rollout: { bake: { settle: 0s, stable: 0s, retry: 2s }, guard: { observe: 0s }, retention: 0s }
protect: [{ path: "\${home}/tmp", policy: keep }]
steps:
  - { name: setting, run: 'echo on > "$home/setting"', writes: ["\${home}/setting"] }
`;

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}`);
  await chmod(path, 0o755);
}

/** Answers as gh does for one pull request, #12, whose head commit is `feed`. */
const ghScript = `case "$1 $2" in
  "pr comment")
    [ "$3 $4 $6 $7" = "12 --body-file --edit-last --create-if-none" ] || exit 9
    cp "$5" "$ARTIFACTS/../comment.md" ;;
  "api repos/acme/alma/commits/c0ffee/pulls") echo feed ;;
  "run list") case "$*" in *"--commit feed"*) echo 77 ;; *) exit 9 ;; esac ;;
  "run download") [ "$3 $4 $5" = "77 --name handrail-preview" ] && cp "$ARTIFACTS/handrail-preview/preview.json" . ;;
  *) exit 9 ;;
esac
`;

function githubOrder(it: Place, job: "preview" | "apply"): GithubOrder {
  const pull = {
    event_name: "pull_request",
    "event.pull_request.head.repo.full_name": "acme/alma",
    "event.pull_request.number": "12",
  };
  const push = { event_name: "push", sha: "c0ffee" };
  return {
    workflow: join(repository, "docs", "ci", "github.yml"),
    job,
    github: { repository: "acme/alma", token: "t0ken", ...(job === "preview" ? pull : push) },
    checkout: it.checkout,
    action: repository,
    temp: it.temp,
    artifacts: it.artifacts,
    env: { STATE: it.state },
    machine: it.machine,
  };
}

describe("the example for GitHub", () => {
  test.skipIf(!isLong)(
    `previews in the pull request, and applies that very preview after the merge, once${longOnly}`,
    async () => {
      await using it = await place();
      await mkdir(it.artifacts);
      const preview = await runGithubJob(githubOrder(it, "preview"));
      expect(preview).toMatchObject({ ok: true });
      const { digest, "exit-code": exit } = preview!.outputs.get("preview") ?? {};
      expect([digest, exit]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), "0"]);
      const comment = await readFile(join(it.artifacts, "..", "comment.md"), "utf8");
      expect(comment).toContain(`Digest: <code>${digest}</code>`);
      expect(comment).toBe(preview!.summary);
      expect(existsSync(join(it.home("eu01"), "setting"))).toBe(false);

      await rm(join(it.checkout, "preview.json"));
      const apply = await runGithubJob(githubOrder(it, "apply"));
      expect(apply).toMatchObject({ ok: true });
      expect(apply!.outputs.get("apply")).toMatchObject({
        "exit-code": "0",
        outcome: "sealed",
        digest,
      });
      expect(apply!.summary).toMatch(/^### Handrail: sealed\n/);
      expect(await readFile(join(it.home("cn01"), "setting"), "utf8")).toBe("on\n");
      const kept = join(it.artifacts, "handrail-rollout");
      expect(await readFile(join(kept, "handrail.md"), "utf8")).toBe(apply!.summary);
      const suites = readJunit(await readFile(join(kept, "handrail.xml"), "utf8"));
      expect(suites.map((suite) => suite["@name"])).toEqual(["eu", "cn", "rollout"]);
      expect(notPassed(suites)).toEqual([]);

      const again = await runGithubJob(githubOrder(it, "apply"));
      expect(again).toMatchObject({ ok: false });
      expect(again!.outputs.get("apply")).toMatchObject({ "exit-code": "3", outcome: "refused" });
    },
  );

  test.skipIf(!isLong)(
    `refuses what is not what was reviewed, halts on harm, and says both beside the job${longOnly}`,
    async () => {
      await using it = await place();
      await mkdir(it.artifacts);
      // On one instance the step deletes what is protected, by a program that no review can read.
      const harm = join(it.home("cn01"), "clear");
      for (const name of ["eu01", "cn01"]) await program(join(it.home(name), "clear"), "exit 0\n");
      await program(harm, "rm tmp/page\n");
      await it.commit("run: 'echo on", "run: './clear; echo on");
      await it.commit("observe: 0s", "observe: 0s, prevent: false");
      expect(await runGithubJob(githubOrder(it, "preview"))).toMatchObject({ ok: true });

      await it.commit("echo on", "echo ON");
      const stale = await runGithubJob(githubOrder(it, "apply"));
      expect(stale?.outputs.get("apply")).toMatchObject({ "exit-code": "3", outcome: "refused" });
      expect(stale?.steps.find(({ name }) => name === "run")?.ran?.stdout).toMatch(
        /^::error title=Handrail%3A refused::.*is stale: /m,
      );

      await it.commit("echo ON", "echo on");
      const halted = await runGithubJob(githubOrder(it, "apply"));
      expect(halted?.outputs.get("apply")).toMatchObject({ "exit-code": "4", outcome: "halted" });
      const said = halted?.steps.find(({ name }) => name === "run")?.ran?.stdout ?? "";
      expect(said).toMatch(/^::error title=Rollout halted::.*1 bad in cn batch 1 \(cn01\)/m);
      expect(said).toMatch(/^::error title=cn01 \(cn\)%3A contract broken::/m);
      expect(await readFile(join(it.home("cn01"), "tmp", "page"), "utf8")).toBe("warm\n");
      const xml = await readFile(join(it.artifacts, "handrail-rollout", "handrail.xml"), "utf8");
      expect(notPassed(readJunit(xml))[0]).toMatch(/^cn\.cn01 1 setting: failure /);
    },
  );

  test("does not preview for forks, and applies nothing that is not merged", async () => {
    await using it = await place();
    const fork = { "event.pull_request.head.repo.full_name": "mallory/alma" };
    const order = githubOrder(it, "preview");
    expect(await runGithubJob({ ...order, github: { ...order.github, ...fork } })).toBeNull();
    expect(await runGithubJob({ ...order, job: "apply" })).toBeNull();
  });
});

describe("the example for GitLab", () => {
  test.skipIf(!isLong)(
    `previews in the merge request, and applies that very preview after the merge${longOnly}`,
    async () => {
      await using it = await place();
      await using api = await gitlabApi(it.artifacts, "glpat");
      const order = {
        file: join(repository, "docs", "ci", "gitlab.yml"),
        checkout: it.checkout,
        artifacts: it.artifacts,
        machine: it.machine,
        variables: {
          HANDRAIL_STATE: it.state,
          HANDRAIL_TOKEN: "glpat",
          CI_API_V4_URL: api.url,
          CI_PROJECT_ID: "7",
          CI_MERGE_REQUEST_IID: "12",
          CI_COMMIT_SHA: "c0ffee",
        },
      };
      const preview = await runGitlabJob({ ...order, job: "preview" });
      expect(preview).toMatchObject({ status: "success", after: { code: 0 } });
      const page = await readFile(join(it.artifacts, "preview.md"), "utf8");
      expect(page).toMatch(/Digest: <code>[0-9a-f]{64}<\/code>/);
      expect(api.notes).toHaveLength(1);
      expect(api.notes[0]?.replaceAll("\r\n", "\n")).toContain(page.trimEnd());
      expect(
        notPassed(readJunit(await readFile(join(it.artifacts, "preview.xml"), "utf8"))),
      ).toEqual([]);

      await rm(join(it.checkout, "preview.json"));
      const apply = await runGitlabJob({ ...order, job: "apply" });
      expect(apply).toMatchObject({ status: "success" });
      expect(await readFile(join(it.artifacts, "rollout.md"), "utf8")).toMatch(
        /^### Handrail: sealed\n/,
      );
      expect(
        notPassed(readJunit(await readFile(join(it.artifacts, "rollout.xml"), "utf8"))),
      ).toEqual([]);

      const again = await runGitlabJob({ ...order, job: "apply" });
      expect(again).toMatchObject({ status: "failed", script: { code: 3 } });
    },
  );
});
