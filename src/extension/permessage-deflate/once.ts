/**
 * One-shot decompression: what to feed zlib's documented calls so that their result proves the message whole.
 *
 * They report nothing about where in a block the input ended. So the rule of this file: behind the payload comes more
 * than the tail that the sender removed (RFC 7692 §7.2.2), namely an empty final block; only a call that ended exactly
 * behind that, or behind a final block of the message's own, has read a whole message; and of what it made, nothing
 * may come from the tail, as it does where a message cut short takes the tail for its own.
 */
import { constants, type ZlibOptions } from 'node:zlib';

const tailLength = 4;
const completion = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff);

/** The payload, the removed tail, and an empty final block. */
export const completed = (payload: Uint8Array): Buffer => Buffer.concat([payload, completion]);

/**
 * How a message ended: `open`, so that all of the completion was read; with a `final` block of its own (RFC 7692
 * §7.2.3.4); or with a final block that the removed tail `completed`.
 */
type OnceEnd = 'open' | 'final' | 'completed';

/** What a one-shot call made of a completed payload. */
export interface Once {
  readonly message: Buffer;
  readonly end: OnceEnd;
}

/** Reads a one-shot call's result (`info: true`); `undefined` when the payload did not end where it should. */
export const readOnce = (result: unknown, payload: Uint8Array): Once | undefined => {
  if (typeof result !== 'object' || result === null || !('buffer' in result)) {
    return undefined;
  }
  const { buffer } = result;
  const end = endOf(consumedBy(result), payload);
  return Buffer.isBuffer(buffer) && end !== undefined ? { message: buffer, end } : undefined;
};

const endOf = (consumed: unknown, payload: Uint8Array): OnceEnd | undefined => {
  const { length } = payload;
  switch (consumed) {
    case length + completion.length:
      return 'open';
    case length + tailLength:
      return 'completed';
    case length:
      return 'final';
    case length - 1:
      // An empty block after a final one is how RFC 7692 §7.2.3.4 ends the message. Nothing else may follow.
      return payload[length - 1] === 0 ? 'final' : undefined;
    default:
      return undefined;
  }
};

/** Whether the tail was read, so that it has to be seen whether it gave any of the message. */
export const tookTail = ({ end }: Once): boolean => end !== 'final';

/** The options with which a one-shot call reads the payload alone, as far as it goes. */
export const withoutTailOptions = (options: ZlibOptions): ZlibOptions => ({
  ...options,
  finishFlush: constants.Z_SYNC_FLUSH,
});

/** Whether what the payload alone gives (a call's result, `info: true`) is all of the message. */
export const isAll = (result: unknown, { message }: Once): boolean =>
  typeof result === 'object' &&
  result !== null &&
  'buffer' in result &&
  Buffer.isBuffer(result.buffer) &&
  result.buffer.length === message.length;

const consumedBy = (result: unknown): unknown =>
  typeof result === 'object' &&
  result !== null &&
  'engine' in result &&
  typeof result.engine === 'object' &&
  result.engine !== null &&
  'bytesWritten' in result.engine
    ? result.engine.bytesWritten
    : undefined;

/** What a one-shot call's error says about the message. */
export const judgeFailure = (error: unknown): 'extensionData' | 'messageTooBig' =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    ? 'messageTooBig'
    : 'extensionData';
