/**
 * Waiting that is fair to the peer: time during which the suite itself was held up does not count.
 *
 * Rule: patience is counted in ticks of the suite's own event loop. A loop that stood still for a
 * second, with the peer's answer waiting in the socket, has ticked once.
 */

const TICK = 25;

/** Calls `expired` after `ms` of the loop's own time. Returns what cancels it. */
export function patience(ms: number, expired: () => void): () => void {
  let left = Math.max(1, Math.ceil(ms / TICK));
  const timer = setInterval(
    () => {
      left--;
      if (left > 0) return;
      clearInterval(timer);
      expired();
    },
    Math.min(TICK, Math.max(1, ms)),
  );
  return () => clearInterval(timer);
}
