import { defineConfig } from "vitest/config";
import { MixedOrder } from "./test/support/mixed-order.ts";

export default defineConfig({
  test: {
    // Real servers wait a lot: six files side by side keep two cores busy.
    maxWorkers: 6,
    sequence: { sequencer: MixedOrder },
    projects: [
      {
        test: {
          name: "core",
          // No test of these changes what another sees, and a process for each of 150 files costs a minute of CPU.
          isolate: false,
          include: [
            "test/{core,sources,views,serve,steps,probes,notifiers,runner,house}/**/*.test.ts",
          ],
          // Thousands of states take seconds, on a machine that does other things too a minute.
          testTimeout: 90_000,
        },
      },
      {
        test: {
          name: "simulation",
          isolate: false,
          include: ["test/simulation/**/*.test.ts"],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "real",
          include: ["test/{contracts,host,cli,e2e}/**/*.test.ts"],
          testTimeout: process.env["HANDRAIL_TESTS"] === "long" ? 240_000 : 90_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
