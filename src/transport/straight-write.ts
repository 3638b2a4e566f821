/**
 * The way past the queue of a Writable, for a chunk whose turn has come because nothing is queued.
 *
 * The rule of this file: `_write` is what a Writable itself calls at that moment, documented for those who make
 * streams. It is taken only from a plain `net.Socket` that is connected and whose ways to write are Node's own: whoever
 * has put something in their place, or holds the queue back (`cork`), is not passed by. Everywhere else the answer is
 * undefined, and `write` is the way.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Hands `chunk` to the system, and calls `taken` when that has all of it: before it returns, if that was at once. */
export type StraightWrite = (
  this: Duplex,
  chunk: Uint8Array,
  encoding: 'buffer',
  taken: (error?: Error | null) => void,
) => void;

const isWrite = (value: unknown): value is StraightWrite => typeof value === 'function';

/** @param stream open for writing */
export function straightWriteOf(stream: Duplex): StraightWrite | undefined {
  if (Object.getPrototypeOf(stream) !== Socket.prototype) return undefined;
  if (!(stream instanceof Socket) || stream.connecting) return undefined;
  const own = ['write', '_write'].some((name) => Object.hasOwn(stream, name));
  const way: unknown = Reflect.get(Socket.prototype, '_write');
  return own || !isWrite(way) ? undefined : way;
}

/** Whether nothing is in the queue of a stream, nor held back from it. */
export const hasNoQueue = (stream: Duplex): boolean =>
  stream.writableLength === 0 && stream.writableCorked === 0;
