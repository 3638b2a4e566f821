/**
 * Synchronous use of one live zlib context, again and again.
 *
 * Node's public API is synchronous only for one-shot calls, each of which makes and frees a whole context. The stream
 * objects keep theirs alive, and call it through an internal handle that can also be called synchronously. That
 * handle is not documented, so the rule of this file: nothing is taken for granted. `directAccess()` finds out once
 * whether the handle is there and behaves, and whoever gets `false` uses the public API instead.
 */
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib';

/** What is used of the handle. */
interface ZlibHandle {
  onerror: unknown;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
}

const isHandle = (value: unknown): value is ZlibHandle =>
  typeof value === 'object' &&
  value !== null &&
  'onerror' in value &&
  'writeSync' in value &&
  typeof value.writeSync === 'function';

/** One live zlib context. Made by {@link openDeflate} and {@link openInflate}; freed by `close`. */
export class DirectContext {
  readonly #stream: DeflateRaw | InflateRaw;
  readonly #handle: ZlibHandle;
  /** Two words that the handle writes after each call: output bytes left, input bytes left. */
  readonly #left: Uint32Array;
  #failed = false;

  /** @throws {TypeError} when the stream has no handle of the known shape */
  constructor(stream: DeflateRaw | InflateRaw) {
    const handle: unknown = Reflect.get(stream, '_handle');
    const left: unknown = Reflect.get(stream, '_writeState');
    if (!isHandle(handle) || !(left instanceof Uint32Array) || left.length < 2) {
      stream.close();
      throw new TypeError('zlib streams of this runtime cannot be called synchronously');
    }
    this.#stream = stream;
    this.#handle = handle;
    this.#left = left;
    // Without this, bad data would destroy the stream and emit an 'error' event that nobody listens to.
    handle.onerror = () => {
      this.#failed = true;
    };
  }

  /** Bytes of the last `run`'s input that were not consumed. */
  get inputLeft(): number {
    return this.#left[1] ?? 0;
  }

  /** Bytes of the last `run`'s output space that were not used. */
  get outputLeft(): number {
    return this.#left[0] ?? 0;
  }

  /**
   * One call of zlib's `deflate` or `inflate`.
   *
   * @param flush one of zlib's flush values
   * @param start index of the first input byte
   * @param end index after the last input byte; must not be past the input's true end, which the handle asserts
   * @param output written from its start
   * @param room bytes of output that may be written
   * @returns false when the input is not what zlib can read; the context must then be closed
   */
  run(
    flush: number,
    input: Uint8Array,
    start: number,
    end: number,
    output: Uint8Array,
    room: number,
  ): boolean {
    this.#handle.writeSync(flush, input, start, end - start, output, 0, room);
    return !this.#failed;
  }

  /** Forgets the window, and the end of a stream. */
  reset(): void {
    this.#stream.reset();
  }

  /** Frees the context. Idempotent. */
  close(): void {
    this.#stream.close();
  }
}

// The streams' own output buffers are never used here, so they are made as small as zlib's streams allow.
const chunkSize = constants.Z_MIN_CHUNK;

/** Opens a compressing context. */
export const openDeflate = (windowBits: number, level: number, memLevel: number): DirectContext =>
  new DirectContext(createDeflateRaw({ windowBits, level, memLevel, chunkSize }));

/** Opens a decompressing context. */
export const openInflate = (windowBits: number): DirectContext =>
  new DirectContext(createInflateRaw({ windowBits, chunkSize }));

/** What a message's last block is completed with (RFC 7692 §7.2.2), and one byte more: see {@link endMessage}. */
const tailAndOne = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00);
/**
 * Two empty stored blocks, the first with padding of ones. Only a context that stands at a block's beginning, at a
 * byte's first bit, takes all of it: what the tail has left over are ones, which make the first block final (and the
 * second one is not read), or one of fixed codes (and its padding a literal), or of the reserved type.
 */
const standing = Uint8Array.of(0xf8, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff);
const nowhere = new Uint8Array(64);

/**
 * How a message's data ended: `open` after the removed tail as it should, `final` after a BFINAL block, `completed`
 * when the tail ended a final block, or not.
 */
export type MessageEnd = 'open' | 'final' | 'completed' | 'truncated';

/**
 * Finds how the message that was just fed to an inflating context ends, and feeds it the tail that the sender removed.
 *
 * A whole message leaves zlib inside the empty stored block that the tail completes: four bytes are consumed, nothing
 * comes out, and Z_BLOCK makes zlib stop at the block's end, before the fifth byte. Anything else is a truncated
 * message, save for one that ended with a final block: only after that is nothing consumed at all.
 */
export const endMessage = (context: DirectContext): MessageEnd => {
  const afterTail = tryBytes(context, constants.Z_BLOCK, tailAndOne);
  if (afterTail !== 1) {
    return afterTail === tailAndOne.length ? 'final' : 'truncated';
  }
  switch (tryBytes(context, constants.Z_SYNC_FLUSH, standing)) {
    case 0:
      return 'open';
    case standing.length:
      return 'completed';
    default:
      return 'truncated';
  }
};

/** Feeds bytes that must give no output. @returns how many were not consumed; -1 when there was any output, or an error */
const tryBytes = (context: DirectContext, flush: number, bytes: Uint8Array): number => {
  const room = nowhere.length;
  const fine = context.run(flush, bytes, 0, bytes.length, nowhere, room);
  return fine && context.outputLeft === room ? context.inputLeft : -1;
};

let access: boolean | undefined;

/** Whether direct contexts work in this runtime. Finds out at the first call, with a round trip through each part. */
export const directAccess = (): boolean => {
  access ??= tryDirectAccess();
  return access;
};

const tryDirectAccess = (): boolean => {
  const contexts: DirectContext[] = [];
  const open = (context: DirectContext): DirectContext => {
    contexts.push(context);
    return context;
  };
  try {
    const deflate = open(openDeflate(9, 1, 1));
    const inflate = open(openInflate(9));
    const broken = open(openInflate(9));
    const message = Uint8Array.from({ length: 200 }, (_, index) => index % 7);
    const works =
      [1, 2].every(() => roundTrips(deflate, inflate, message)) &&
      // A block of the reserved type 3 must be reported, not thrown, nor destroy the process.
      !broken.run(constants.Z_SYNC_FLUSH, Uint8Array.of(0x07, 0x00), 0, 2, nowhere, nowhere.length);
    deflate.reset();
    inflate.reset();
    return works && roundTrips(deflate, inflate, message);
  } catch {
    return false;
  } finally {
    for (const context of contexts) {
      context.close();
    }
  }
};

const roundTrips = (deflate: DirectContext, inflate: DirectContext, message: Uint8Array): boolean => {
  const wire = new Uint8Array(256);
  const result = new Uint8Array(256);
  if (!deflate.run(constants.Z_SYNC_FLUSH, message, 0, message.length, wire, 256)) {
    return false;
  }
  const length = 256 - deflate.outputLeft - 4;
  return (
    length > 0 &&
    inflate.run(constants.Z_SYNC_FLUSH, wire, 0, length, result, 256) &&
    inflate.inputLeft === 0 &&
    inflate.outputLeft === 256 - message.length &&
    message.every((byte, index) => result[index] === byte) &&
    endMessage(inflate) === 'open'
  );
};
