/**
 * What a coverage-guided fuzzer calls: a function from bytes to nothing, which throws where a property is broken.
 *
 * The rule of this file: what a check draws beside the bytes follows from the bytes, so that one file is one case. A
 * case that fails is kept with the others.
 */
import { attempt, keep } from '../campaign.ts';
import { targets } from '../targets.ts';

const name = process.env['FRAMEWRIGHT_FUZZ_TARGET'];
const target = targets.find((one) => one.name === name);
if (target === undefined) throw new RangeError(`no fuzz target ${String(name)}`);

/** FNV-1a over the input. */
const seedOf = (input: Uint8Array): number =>
  input.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5 | 0);

/** Tries one input. @throws what the check throws, or rejects with it */
export const fuzz = async (input: Uint8Array): Promise<void> => {
  const failed = await attempt(target, seedOf(input), Uint8Array.from(input));
  if (failed === undefined) return;
  throw new Error(`${failed.failure}\nkept as ${keep(failed)}`);
};
