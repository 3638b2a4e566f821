/**
 * One-shot decompression: what to feed zlib's documented calls so that their result proves the message whole.
 *
 * They report nothing about where in a block the input ended. So the rule of this file: behind the payload comes more
 * than the tail that the sender removed (RFC 7692 §7.2.2), namely an empty final block, and only a call that ended
 * exactly behind that, or behind a final block of the message's own, has read a whole message.
 */

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

/**
 * Whether the message could still be cut short: a stored block that lacks exactly four bytes takes the tail for them,
 * and what it ends with then tells. A final block that the tail completed is rare enough to be tried always.
 */
export const needsProof = ({ message, end }: Once): boolean =>
  end === 'completed' ||
  (end === 'open' && message.length >= 4 && message.readUInt32BE(message.length - 4) === 0x0000ffff);

/** A block of one byte in place of the empty one that the tail completes; the byte cannot begin a block. */
const proof = Uint8Array.of(0x01, 0x00, 0xfe, 0xff, 0x06, 0x01, 0x00, 0x00, 0xff, 0xff);
/** Bytes of the proof that belong to its first block. */
const proofBlock = 5;

/**
 * Whether a call (`info: true`) has read what {@link proving} made exactly as a whole message has it: a stream that
 * ended elsewhere took bytes of the proof as its own.
 */
export const isProven = (result: unknown, payload: Uint8Array, { end }: Once): boolean =>
  consumedBy(result) === payload.length + (end === 'completed' ? proofBlock : proof.length);

const consumedBy = (result: unknown): unknown =>
  typeof result === 'object' &&
  result !== null &&
  'engine' in result &&
  typeof result.engine === 'object' &&
  result.engine !== null &&
  'bytesWritten' in result.engine
    ? result.engine.bytesWritten
    : undefined;

/** What zlib reads without an error, and one byte longer, only if the message is whole. */
export const proving = (payload: Uint8Array): Buffer => Buffer.concat([payload, proof]);

/** What a one-shot call's error says about the message. */
export const judgeFailure = (error: unknown): 'extensionData' | 'messageTooBig' =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    ? 'messageTooBig'
    : 'extensionData';
