import { rm } from "node:fs/promises";

/**
 * Removes what a test has made. A process that was left alone, such as the supervisor of a daemon, may
 * write its last words into it at this moment: then it is tried again.
 */
export function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
