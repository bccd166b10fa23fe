import { meant } from "./meant.ts";

/**
 * How a rollout ends: good; taken back where it did harm; stopped before it could do harm, and taken
 * back everywhere.
 */
export type Variant = "sealed" | "halted" | "all-back";

export interface WarmPlan {
  readonly variant: Variant;
  /** Are there two instances a region? */
  readonly pairs: boolean;
  /** Default: long enough for everything. */
  readonly lease?: string;
}

/**
 * Three kinds of steps, an undo, a protected tree. Where there is harm, one instance goes at a time:
 * what a neighbour that is under way comes to is a matter of milliseconds.
 */
export function warmPlan({ variant, pairs, lease = "60s" }: WarmPlan): string {
  const harm = variant === "sealed" ? "true" : 'test "$name" != us1 || rm "$home/tmp/a"';
  return `rollout:
  batches: [${variant === "sealed" && pairs ? 2 : 1}]
  concurrency: 2
  onFail: ${variant === "all-back" ? "rollback-all" : "rollback"}
  bake: { settle: 0s, stable: 200ms, retry: 1s }
  deadline: { step: 30s, instance: 5m, progress: 6m }
  guard: { lease: ${lease}, observe: 400ms }
  retention: ${variant === "sealed" ? "1h" : "0s"}
protect:
  - { path: "\${home}/tmp", policy: keep }
  - { path: "\${home}/etc", policy: may-change }
probes:
  - { name: state, surface: ui, interval: 100ms, run: 'test -s "\${home}/var/state"' }
steps:
  - name: config
    touches: [ui]
    copy: { from: files/app.conf, to: "\${home}/etc/app.conf" }
  - name: warm
    touches: [ui]
    prevent: ${variant === "all-back"}
    writes: ["\${home}/var"]
    ${variant === "sealed" ? "" : meant("deletes")}
    undo: echo undo warm $$ >>"$log"
    run: |
      echo begin warm $$ >>"$log"
      echo half >"$home/var/state"
      chmod 600 "$home/var/state"
      sleep 0.4
      echo warm >"$home/var/state"
      rm "$home/var/cache"
      mkdir "$home/var/new"
      echo "$name" >"$home/var/new/by"
      ${harm}
      echo end warm $$ >>"$log"
  - name: other
    touches: [ui]
    patch: { diff: files/other.diff, in: "\${home}/etc" }
`;
}
