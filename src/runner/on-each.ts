/**
 * Does the same on each, whatever happens on the others: a host that is gone must not keep the ones
 * that still serve users from being restored. Then rejects with the first trouble, if there was any.
 */
export async function onEach<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const troubles: unknown[] = [];
  for (const one of all) await act(one).catch((error: unknown) => troubles.push(error));
  if (troubles.length > 0) throw troubles[0];
}
