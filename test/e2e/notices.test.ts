import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { webServer } from "../probes/loopback-servers.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { planText, smallFleet, withoutFolderTimes } from "../support/small-fleet.ts";

// Notices as a process of its own sends them, to a receiver that does what it should not.

interface Post {
  readonly id: string;
  readonly kind: string;
  readonly response: ServerResponse;
}

/** A receiver that hands every notice to the test, with the answer still to be given. */
async function receiver(onPost: (post: Post) => void) {
  return webServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const notice: { id: string; kind: string } = JSON.parse(body);
      onPost({ ...notice, response });
    });
  });
}

const failing = `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"; exit 3', writes: ["\${home}/etc/conf"] }]`;
const slow = `steps: [{ name: fix, run: 'sleep 2; echo new > "\${home}/etc/conf"', writes: ["\${home}/etc/conf"] }]`;

test("a receiver that never answers holds up no rollback, and nobody who wants to see its end", async () => {
  const held: Post[] = [];
  await using server = await receiver((post) => held.push(post));
  await using fleet = await smallFleet({ names: ["a1"] });
  const before = await fleet.listing(fleet.home("a1"));
  const plan = await fleet.writePlan(
    planText(`notify: [{ webhook: "${server.url}" }]\n${failing}`),
  );
  const started = fleet.start(["apply", plan, "--json"]);
  const summary = await started.event((event) => event.type === "summary");
  // It has said how all ended, and not one notice was answered so far.
  expect(summary).toMatchObject({ outcome: "halted", exit: 4 });
  expect(withoutFolderTimes(await fleet.listing(fleet.home("a1")))).toBe(
    withoutFolderTimes(before),
  );
  await expect.poll(() => held.map(({ kind }) => kind)).toEqual(["started", "halted", "ended"]);
  expect(held.every(({ response }) => !response.writableEnded)).toBe(true);
  for (const { response } of held) response.writeHead(204).end();
  expect((await started.ended).exit).toBe(4);
});

test.skipIf(!isLong)(
  `a notice that reached nobody before kill -9 is told after resume, with the same id${longOnly}`,
  async () => {
    let works = false;
    const posts: Post[] = [];
    const refused = Promise.withResolvers<void>();
    await using server = await receiver((post) => {
      posts.push(post);
      post.response.writeHead(works ? 204 : 503).end();
      refused.resolve();
    });
    await using fleet = await smallFleet({ names: ["a1"] });
    const notify = `notify: [{ on: [started, sealed], webhook: { url: "${server.url}" } }]`;
    const plan = await fleet.writePlan(planText(`${notify}\n${slow}`));
    const started = fleet.start(["apply", plan, "--json"]);
    const event = await started.event(({ type }) => type === "step.started");
    await refused.promise;
    started.kill("SIGKILL");
    await started.ended;
    const [first] = posts;
    expect(first?.kind).toBe("started");
    const rollout = String(event["rollout"]);
    const before = await fleet.run(["notices", rollout]);
    expect(before.stdout).toMatch(/started \(info\) by webhook to 127\.0\.0\.1:\d+: NOT told yet/);
    works = true;
    posts.length = 0;
    const resumed = await fleet.run(["resume", rollout, "--json"]);
    expect({ exit: resumed.exit, stderr: resumed.stderr }).toEqual({ exit: 0, stderr: "" });
    expect(posts.map(({ id, kind }) => [kind, id === first?.id])).toEqual([
      ["started", true],
      ["sealed", false],
    ]);
  },
);
