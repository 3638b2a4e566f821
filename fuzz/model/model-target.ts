/**
 * Two connections in each other's hands, and everything that can be done to them (fast-check's `fc.commands`).
 *
 * The rule of this file: an input is four bytes, the seed of fast-check, which draws the setup and the commands; the
 * failure is told as the shortest sequence of commands that fast-check found.
 */
import fc from 'fast-check';
import type { FuzzTarget } from '../target.ts';
import { blameless } from './blame.ts';
import { commands } from './commands.ts';
import { type Model, Pair } from './pair.ts';
import { judgeBoth } from './verdict.ts';

const counts = new Map([
  ['sequences', 0],
  ['commands', 0],
]);
const add = (name: string, more: number): void => {
  counts.set(name, (counts.get(name) ?? 0) + more);
};

const setups = fc.record({
  seed: fc.integer(),
  overflow: fc.constantFrom('wait', 'error', 'close'),
  extension: fc.boolean(),
  idleTimeout: fc.boolean(),
  lends: fc.boolean(),
});

const sequence = fc.asyncProperty(
  setups,
  fc.commands(commands, { maxCommands: 40, size: 'max' }),
  async (setup, steps) => {
    const model: Model = { client: blameless(), server: blameless() };
    const pair = new Pair(setup, model);
    await fc.asyncModelRun(() => ({ model, real: pair }), steps);
    await pair.finish();
    judgeBoth(pair);
    add('sequences', 1);
    add('commands', pair.steps);
  },
);

export const modelTarget: FuzzTarget = {
  name: 'model',
  property: 'nothing lost, order kept, one closure each with the code that explains it, nothing left behind',
  generate: (random) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(random.bits());
    return bytes;
  },
  async check(input) {
    const seed = Buffer.concat([input, Buffer.alloc(4)]).readInt32BE();
    await fc.assert(sequence, { seed, numRuns: 1 });
  },
  notes: () => counts,
};
