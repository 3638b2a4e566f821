/**
 * Runs cases side by side.
 *
 * Rule: the sum of the costs of running cases stays within the width; the dear ones start first,
 * so that none of them is left over at the end with nothing beside it.
 */

/**
 * @param items what to run, each with its share of the width.
 * @param width the most that may run at once, in units of cost.
 * @param run must not reject.
 */
export function schedule<T extends { readonly cost: number }>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items].sort((a, b) => b.cost - a.cost);
  let used = 0;
  let running = 0;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      if (waiting.length === 0 && running === 0) resolve();
      for (let at = 0; at < waiting.length; ) {
        const item = waiting[at];
        if (item === undefined) break;
        // Something dearer than the whole width still runs, alone.
        if (used > 0 && used + item.cost > width) {
          at++;
          continue;
        }
        waiting.splice(at, 1);
        used += item.cost;
        running++;
        run(item).then(() => {
          used -= item.cost;
          running--;
          next();
        }, reject);
      }
    };
    next();
  });
}
