/**
 * The frame decoder, both roles: whole, cut, lent and second decoder find the same, and nothing is thrown.
 *
 * The rule of this file: no allocation that an execution can do without, so that 10^7 of them take a minute or two.
 */
import { FrameDecoder } from '../../src/frame/decoder.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import { createRegion, Region, regionSize } from '../../src/frame/region.ts';
import type { Random } from '../random.ts';
import { demand, type FuzzTarget } from '../target.ts';
import { FrameDigest } from './digest.ts';
import { generateFrames } from './generate.ts';
import { decodeByReference, type ReferenceEnd } from './reference.ts';
import { rulesOf } from './rules.ts';

const expected = new FrameDigest();
const found = new FrameDigest();
/** The same for messages, where bursts are taken. */
const expectedMessages = new FrameDigest(true);
const foundMessages = new FrameDigest(true);
let memory = new Uint8Array(262_144);

/** Bytes beside a chunk, which no decoder may touch. */
const guard = 0xa5;

/** A copy of the stream at an offset of its own, with a guard on either side. @returns where it begins */
function place(input: Uint8Array, random: Random): number {
  const start = 1 + random.below(8);
  const size = input.length + 16;
  if (memory.length < size) memory = new Uint8Array(size);
  memory.set(input, start - 1);
  memory[start - 1] = guard;
  memory[start + input.length - 1] = guard;
  return start;
}

/** Memory that chunks are read into: masked by WebAssembly, where there is any, and by plain code. */
const regions = [createRegion(), new Region(new Uint8Array(regionSize))] as const;

/** Decodes the input as it would be read, piece after piece into the same memory, and compares. */
function tryRegion(
  rules: FrameRules,
  region: Region,
  stream: Uint8Array,
  cuts: readonly number[],
  expectedEnd: ReferenceEnd,
): void {
  foundMessages.reset();
  foundMessages.masked = rules.peerMasks;
  const decoder = new FrameDecoder(rules, foundMessages);
  const { bytes } = region;
  let at = 0;
  for (let index = 0; index <= cuts.length; index += 1) {
    const edge = cuts[index] ?? stream.length;
    while (at < edge) {
      const size = Math.min(edge - at, regionSize);
      bytes.set(stream.subarray(at, at + size));
      if (size < regionSize) bytes[size] = guard;
      const taken = decoder.push(bytes, 0, size, region);
      demand(size === regionSize || bytes[size] === guard, 'bytes behind a lent chunk were changed');
      at += taken;
      if (taken < size) {
        compare(decoder, at, expectedEnd, 'lent', foundMessages, expectedMessages);
        return;
      }
    }
  }
  compare(decoder, at, expectedEnd, 'lent', foundMessages, expectedMessages);
}

/** What the decoder must have found in any case. */
function compare(
  decoder: FrameDecoder,
  consumed: number,
  end: ReferenceEnd,
  how: string,
  heard = found,
  should = expected,
): void {
  demand(heard.value === should.value && heard.events === should.events, () => `${how}: other events`);
  demand(consumed === end.consumed, () => `${how}: ${consumed} bytes taken, not ${end.consumed}`);
  demand(decoder.stopped === end.refused, () => `${how}: stopped is ${decoder.stopped}`);
  if (end.refused) return;
  demand(decoder.unfinished === end.unfinished, () => `${how}: unfinished is ${decoder.unfinished}`);
  demand(decoder.idle === !(end.withinFrame || end.unfinished), () => `${how}: idle is ${decoder.idle}`);
}

/** Decodes what lies in memory from `start`, cut, and compares. */
function tryCuts(
  rules: FrameRules,
  start: number,
  length: number,
  cuts: readonly number[],
  expectedEnd: ReferenceEnd,
): void {
  found.reset();
  const decoder = new FrameDecoder(rules, found);
  const end = start + length;
  let at = start;
  for (let index = 0; index <= cuts.length; index += 1) {
    const edge = start + (cuts[index] ?? length);
    at = decoder.push(memory, at, edge);
    if (at < edge) break;
  }
  compare(decoder, at - start, expectedEnd, cuts.length === 0 ? 'whole' : `cut at ${cuts.join()}`);
  demand(memory[start - 1] === guard && memory[end] === guard, 'bytes beside the chunk were changed');
}

export const frameTarget: FuzzTarget = {
  name: 'frame',
  property:
    'whole, cut anywhere, in lent memory, and a second decoder find the same frames and violations; nothing is thrown',
  generate: generateFrames,
  check(input, random) {
    const rules = rulesOf(input);
    expected.reset();
    const end = decodeByReference(rules, input.subarray(1), expected);
    expectedMessages.reset();
    decodeByReference(rules, input.subarray(1), expectedMessages);
    const length = Math.max(0, input.length - 1);
    tryCuts(rules, place(input, random), length, [], end);
    const cuts = random.cuts(length);
    tryCuts(rules, place(input, random), length, cuts, end);
    tryRegion(rules, random.pick(regions), input.subarray(1), random.once(2) ? cuts : [], end);
  },
};
