/**
 * Decompresses ordinary messages in WebAssembly (`inflate.wat`; RFC 7692 §7.2.2).
 *
 * Every connection's messages go through the same memory, which stays in the cache, and all that a connection keeps is
 * its history. The rule of this file: it never says no. What is not short, whole, open at its end and without fault is
 * left to zlib, which alone judges what a peer may send.
 */
import type { LentBytes } from '../types.ts';
import type { History } from './history.ts';
import { inflateCode } from './inflate-code.ts';
import { type Instance, instancesOf } from './webassembly.ts';

/** Compressed bytes of the longest message that is taken. */
export const longestOrdinary = 4096;
/** Base-2 logarithm of the largest window that is taken: it is copied for each message. */
export const largestWindow = 12;

/** Bytes of the longest result. */
const longestResult = 64 * 1024;
/** Where a compressed message, a history and a result begin in the module's memory. */
const input = 0x4000;
const past = 0x9000;
const result = 0x10100;

const instantiate = instancesOf(inflateCode, 'inflate');

interface Decompressor {
  readonly run: Instance['run'];
  /** What was made last. */
  readonly made: { bytes: Uint8Array; start: number; end: number; isAscii: boolean };
}

let current: Decompressor | 'none' | undefined;

const open = (): Decompressor | 'none' => {
  const instance = instantiate();
  if (instance === undefined) {
    return 'none';
  }
  const { run, memory } = instance;
  return {
    run,
    made: { bytes: new Uint8Array(memory.buffer), start: result, end: result, isAscii: true },
  };
};

/**
 * Decompresses a message, or leaves it alone.
 *
 * @param payload 1 byte or more
 * @param history what the message may refer to, at most 2^{@link largestWindow} bytes; it is left as it is
 * @param limit bytes that the result may have
 * @returns the message, good until the next call; or `undefined`: zlib has to say what it is
 */
export const inflateOrdinary = (
  payload: Uint8Array,
  history: History | undefined,
  limit: number,
): LentBytes | undefined => {
  current ??= open();
  if (current === 'none' || payload.length > longestOrdinary) {
    return undefined;
  }
  const { run, made } = current;
  const room = Math.min(limit, longestResult);
  made.bytes.set(payload, input);
  let size: number;
  if (history === undefined) {
    size = run(payload.length, 0, 0, 0, room);
  } else {
    const { ring } = history;
    made.bytes.set(ring, past);
    size = run(payload.length, history.length, history.next, ring.length - 1, room);
  }
  if (size < 0) {
    return undefined;
  }
  made.end = result + (size >> 1);
  made.isAscii = (size & 1) === 1;
  return made;
};
