/**
 * Waiting for a signal of the caller's, which many connections may share.
 *
 * The rule of this file: a signal has one listener of ours, however many wait for it, and none when nobody does. Node 20
 * takes more than ten listeners for a leak, and a signal that stops a thousand clients is no leak.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Acts once when the signal is aborted, or at once when it is already. @returns how to wait no longer */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    act();
    return () => {};
  }
  let acts = waiting.get(signal);
  if (acts === undefined) {
    acts = new Set();
    waiting.set(signal, acts);
    signal.addEventListener('abort', actAll, { once: true });
  }
  // Its own function, so that the same one can wait twice.
  const once = (): void => act();
  acts.add(once);
  const all = acts;
  return () => {
    all.delete(once);
    if (all.size > 0 || waiting.get(signal) !== all) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', actAll);
  };
}

function actAll(event: Event): void {
  if (!(event.target instanceof AbortSignal)) return;
  const acts = waiting.get(event.target);
  waiting.delete(event.target);
  for (const act of acts ?? []) act();
}
