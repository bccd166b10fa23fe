/** What made a process stop, for the journal: the reason of an AbortSignal. */
export interface StopReason {
  /** "SIGINT". */
  readonly signal: string;
  /** What is behind it, where that is known; else empty. */
  readonly because: string;
}

/** Why this signal was aborted; any other reason than a StopReason is taken for a signal's name. */
export function stopReason({ reason }: AbortSignal): StopReason {
  const isReason = typeof reason === "object" && reason !== null && "signal" in reason;
  if (!isReason) return { signal: String(reason), because: "" };
  return {
    signal: String(reason.signal),
    because: "because" in reason ? String(reason.because) : "",
  };
}
