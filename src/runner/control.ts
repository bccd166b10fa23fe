import type { Wish } from "../core/event.ts";
import type { Control } from "./run-rollout.ts";

export interface OpenControl extends Control {
  ask(asked: { readonly wish: Wish; readonly by: string; readonly reason: string }): void;
}

/** Wishes from within this process, in order; the loop wakes for each. */
export function openControl(): OpenControl {
  let queue: { readonly wish: Wish; readonly by: string; readonly reason: string }[] = [];
  let wake = Promise.withResolvers<void>();
  return {
    ask(asked) {
      queue.push(asked);
      wake.resolve();
    },
    take() {
      const taken = queue;
      queue = [];
      wake = Promise.withResolvers<void>();
      return taken;
    },
    waiting: () => wake.promise,
  };
}
