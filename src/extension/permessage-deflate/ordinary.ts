/**
 * Decompresses ordinary messages in WebAssembly (`inflate.wat`; RFC 7692 §7.2.2).
 *
 * Every connection's messages go through the same 64 KiB, which stay in the cache, and all that a connection keeps is
 * its history. The rule of this file: it never says no. What is not short, whole, open at its end and without fault is
 * left to zlib, which alone judges what a peer may send.
 */
import type { History } from './history.ts';
import { inflateCode } from './inflate-code.ts';
import { type Instance, instancesOf } from './webassembly.ts';

/** Compressed bytes of the longest message that is taken. */
export const longestOrdinary = 4096;
/** Base-2 logarithm of the largest window that is taken: it is copied for each message. */
export const largestWindow = 12;

/** Bytes of the longest result. */
const longestResult = 64 * 1024;
/** Where a compressed message and a result begin in the module's memory; a history ends where the result begins. */
const input = 0x4000;
const result = 0x10100;

const instantiate = instancesOf(inflateCode, 'inflate');

interface Ready {
  readonly run: Instance['run'];
  readonly bytes: Uint8Array;
}

let ready: Ready | 'none' | undefined;

const open = (): Ready | 'none' => {
  const instance = instantiate();
  return instance === undefined
    ? 'none'
    : { run: instance.run, bytes: new Uint8Array(instance.memory.buffer) };
};

/**
 * Decompresses a message, or leaves it alone.
 *
 * @param length the payload's true length in bytes
 * @param history what the message may refer to, at most 2^{@link largestWindow} bytes
 * @param limit bytes that the result may have
 * @returns the message, or `undefined`: zlib has to say what it is
 */
export const inflateOrdinary = (
  payload: Uint8Array,
  length: number,
  history: History | undefined,
  limit: number,
): Buffer | undefined => {
  ready ??= open();
  if (ready === 'none' || length > longestOrdinary) {
    return undefined;
  }
  const { run, bytes } = ready;
  const before = history === undefined ? 0 : history.length;
  history?.copyTo(bytes, result - before);
  bytes.set(payload, input);
  const made = run(length, before, Math.min(limit, longestResult));
  if (made < 0) {
    return undefined;
  }
  const message = Buffer.allocUnsafe(made);
  message.set(bytes.subarray(result, result + made));
  return message;
};
