import { expect, test } from "vitest";
import { onEach } from "../../src/runner/on-each.ts";

test("what happens on one host keeps none of the others from its turn, and is told at the end", async () => {
  const done: string[] = [];
  const work = onEach(["gone", "alive", "odd"], async (host) => {
    if (host !== "alive") throw new Error(`${host} failed`);
    done.push(host);
  });
  await expect(work).rejects.toThrow("gone failed");
  expect(done).toEqual(["alive"]);
});
