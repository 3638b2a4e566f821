/**
 * One-shot decompression: what to feed zlib's documented calls so that their result proves the message whole.
 *
 * They report nothing about where in a block the input ended. So the rule of this file: behind the payload comes more
 * than the tail that the sender removed (RFC 7692 §7.2.2), namely an empty final block, and only a call that ended
 * exactly behind that has read a whole message.
 */

const completion = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff);

/** The payload, the removed tail, and an empty final block. */
export const completed = (payload: Uint8Array): Buffer => Buffer.concat([payload, completion]);

/** What a one-shot call made of a completed payload. */
export interface Once {
  readonly message: Buffer;
  /** Bytes of the payload after a final block in it: the next blocks, which are still to be decompressed. */
  readonly rest: number;
  /** Whether it took all of what stands behind the payload, rather than ending before. */
  readonly open: boolean;
}

/** Reads a one-shot call's result (`info: true`); `undefined` when the payload did not end where it should. */
export const readOnce = (result: unknown, payload: Uint8Array): Once | undefined => {
  if (typeof result !== 'object' || result === null || !('engine' in result) || !('buffer' in result)) {
    return undefined;
  }
  const { buffer, engine } = result;
  if (!Buffer.isBuffer(buffer) || typeof engine !== 'object' || engine === null) {
    return undefined;
  }
  const consumed = 'bytesWritten' in engine ? engine.bytesWritten : undefined;
  if (consumed === payload.length + completion.length) {
    return { message: buffer, rest: 0, open: true };
  }
  if (typeof consumed !== 'number' || consumed > payload.length) {
    return undefined;
  }
  const rest = payload.length - consumed;
  // An empty block after a final one is how RFC 7692 §7.2.3.4 ends the message.
  return { message: buffer, rest: rest === 1 && payload[consumed] === 0 ? 0 : rest, open: false };
};

/**
 * Whether the message could still be cut short: a stored block that lacks exactly four bytes takes the tail for them,
 * and what it ends with then tells.
 */
export const needsProof = ({ message, open }: Once): boolean =>
  open && message.length >= 4 && message.readUInt32BE(message.length - 4) === 0x0000ffff;

/** A block of one byte in place of the empty one that the tail completes; the byte cannot begin a block. */
const proof = Uint8Array.of(0x01, 0x00, 0xfe, 0xff, 0x06, 0x01, 0x00, 0x00, 0xff, 0xff);

/** Whether a call (`info: true`) has read all of what `proving` made: a stream that ended earlier took bytes of it as its own. */
export const isProven = (result: unknown, payload: Uint8Array): boolean =>
  consumedBy(result) === payload.length + proof.length;

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
