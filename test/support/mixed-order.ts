import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Deals the files that only compute among those that mostly wait for servers and leases: then the cores
 * have something to do while others wait. By itself vitest does one project after the other.
 */
export class MixedOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // The longest, as far as they are known, come first in both; whole rollouts are longer than parts.
    const sorted = await super.sort(files);
    const real = sorted.filter((file) => file.project.name === "real");
    const waiting = [...real.filter(isWhole), ...real.filter((file) => !isWhole(file))];
    const computing = sorted.filter((file) => file.project.name !== "real");
    const places = [
      ...waiting.map((file, at) => ({ file, place: (at + 1) / waiting.length })),
      ...computing.map((file, at) => ({ file, place: (at + 1) / computing.length })),
    ];
    return places.toSorted((a, b) => a.place - b.place).map(({ file }) => file);
  }
}

function isWhole({ moduleId }: TestSpecification): boolean {
  return moduleId.includes("/test/e2e/");
}
