import type { Failure } from "./failure.ts";

/**
 * How every call to a host ends. `not-sent` is provable: the host did nothing for this call.
 * `unknown` means that the host may have done all, some or nothing of it: ask the host's receipt.
 */
export type Answer<T> =
  | { readonly kind: "not-sent"; readonly failure: Failure }
  | { readonly kind: "result"; readonly value: T }
  | { readonly kind: "unknown"; readonly failure: Failure };
