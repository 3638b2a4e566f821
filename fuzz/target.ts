/**
 * What is fuzzed: a way to make inputs, and the properties that hold for every input.
 *
 * The rule of this file: a case is bytes and a seed. What a check draws beside the bytes (where to cut) comes from the
 * seed, so a case that failed fails again.
 */
import type { Random } from './random.ts';

export interface FuzzTarget {
  readonly name: string;
  /** What is demanded, in a sentence. */
  readonly property: string;
  /** Makes an input. */
  generate(random: Random): Uint8Array;
  /** Tries an input, which it does not change. @throws {BrokenProperty} or whatever the code under test throws */
  check(input: Uint8Array, random: Random): void | Promise<void>;
  /** Counts of what a run met, for its report. */
  notes?(): ReadonlyMap<string, number>;
}

/** A property does not hold. */
export class BrokenProperty extends Error {
  override readonly name = 'BrokenProperty';
}

/** @throws {BrokenProperty} with the text, unless the property holds */
export function demand(holds: boolean, text: string | (() => string)): asserts holds {
  if (!holds) throw new BrokenProperty(typeof text === 'string' ? text : text());
}

/** @throws {BrokenProperty} unless both are the same when written as JSON */
export function demandEqual(actual: unknown, expected: unknown, text: string): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  demand(one === other, () => `${text}: ${one} and ${other}`);
}
