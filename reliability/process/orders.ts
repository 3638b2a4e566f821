// What the runner and the processes that it starts say to each other: an order, its arguments, its result.
// Rule: a process does what it is ordered, one answer each; what an order throws is an answer too.

/** The orders that a process knows, by name. */
export type Orders<Known> = { readonly [Name in keyof Known]: (...args: never[]) => unknown };

export interface Ask {
  readonly number: number;
  readonly order: string;
  readonly args: readonly unknown[];
}

/** An answer as the asker reads it. Only who asked knows the type of the result. */
export type Answer =
  | { readonly number: number; readonly result: never }
  | { readonly number: number; readonly failed: string };

/** Obeys the parent until it goes away; then the process ends. */
export function obey(orders: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  process.on('message', (ask: Ask) => {
    // A parent that is gone needs no answer.
    void answer(orders, ask).then((reply) => process.send?.(reply, () => {}));
  });
  process.on('disconnect', () => process.exit(0));
}

async function answer(
  orders: Readonly<Record<string, (...args: never[]) => unknown>>,
  { number, order, args }: Ask,
): Promise<{ number: number; result: unknown } | { number: number; failed: string }> {
  try {
    const perform = orders[order];
    if (perform === undefined) throw new Error(`This process knows no order "${order}".`);
    return { number, result: await Reflect.apply(perform, undefined, args) };
  } catch (error) {
    return { number, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
