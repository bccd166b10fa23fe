import type { Variables } from "./variables.ts";

/**
 * Where a command starts on its host: in the application's home where the inventory names one, so that
 * a plan can say `./bin/warm-up`; null: in "/".
 */
export function workingFolder(variables: Variables): string | null {
  const { home } = variables;
  return home?.startsWith("/") === true ? home : null;
}
