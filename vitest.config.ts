import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Real servers and two cores: files side by side, but not more than two.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "core",
          include: ["test/{core,sources,views,steps,probes,notifiers,runner,house}/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "simulation",
          include: ["test/simulation/**/*.test.ts"],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "real",
          include: ["test/{contracts,host,cli,e2e}/**/*.test.ts"],
          testTimeout: 90_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
