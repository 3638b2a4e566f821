/**
 * permessage-deflate for the suite's own end: a compressor and a decompressor over node:zlib, held
 * to exactly the parameters that were agreed.
 *
 * Rule: strict where it judges. Each message is decoded on its own, with nothing behind it but the
 * agreed window of what came before, and with nothing at all when the peer agreed to no context
 * takeover; so a peer that breaks its word fails to decode here. RFC 7692 §7.
 */
import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib';

export interface Direction {
  /** Base-2 logarithm of the LZ77 window, 8 to 15. */
  readonly windowBits: number;
  readonly takeover: boolean;
}

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** More than any case sends; a peer that answers with more is not decoded further. */
const LARGEST = 256 * 1024 * 1024;
/** zlib finds a reference beyond the window only where it reaches back over the output it gave away before. */
const SMALL_CHUNK = 4 * 1024;
const CHUNK = 16 * 1024;
/** Room for zlib to see the end of a message in the same step. */
const MARGIN = 64;

/** The octets that later messages may refer to. */
class History {
  readonly #size: number;
  #octets: Buffer = Buffer.alloc(0);

  /** @param size octets to remember; 0 without context takeover. */
  constructor({ windowBits, takeover }: Direction) {
    this.#size = takeover ? 2 ** windowBits : 0;
  }

  get options(): ZlibOptions {
    return this.#octets.length === 0 ? {} : { dictionary: this.#octets };
  }

  add(message: Buffer): void {
    const size = this.#size;
    if (size === 0) return;
    const all = message.length >= size ? message : Buffer.concat([this.#octets, message]);
    this.#octets = all.subarray(Math.max(0, all.length - size));
  }
}

/** Compresses the messages of one direction. */
export class Deflater {
  readonly #windowBits: number;
  readonly #history: History;

  constructor(direction: Direction) {
    // zlib has no raw window of 256 octets for compressing; its 9 never refers back further than 250.
    this.#windowBits = Math.max(9, direction.windowBits);
    this.#history = new History(direction);
  }

  /** The payload of the next message, without the four octets RFC 7692 §7.2.1 removes. */
  deflate(message: Buffer): Buffer {
    const octets = deflateRawSync(message, {
      windowBits: this.#windowBits,
      level: 1,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...this.#history.options,
    });
    this.#history.add(message);
    return octets.subarray(0, octets.length - TAIL.length);
  }
}

/** Decompresses the messages of one direction. */
export class Inflater {
  readonly #windowBits: number;
  readonly #history: History;
  #chunkSize: number;

  constructor(direction: Direction) {
    this.#windowBits = direction.windowBits;
    this.#history = new History(direction);
    this.#chunkSize = direction.windowBits < 15 ? SMALL_CHUNK : CHUNK;
  }

  /** The next message out of its payload. @throws Error when it does not decode under the agreed parameters. */
  inflate(payload: Uint8Array): Buffer {
    const message = inflateRawSync(Buffer.concat([payload, TAIL]), {
      windowBits: this.#windowBits,
      chunkSize: this.#chunkSize,
      maxOutputLength: LARGEST,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...this.#history.options,
    });
    this.#history.add(message);
    // Messages of a series are of one size: the next one comes out in one piece.
    const size = message.length + MARGIN;
    this.#chunkSize = this.#windowBits < 15 ? Math.min(size, SMALL_CHUNK) : size;
    return message;
  }
}

/** Both directions of a connection. */
export class DeflateSession {
  /** What the suite's own messages are held to. */
  readonly own: Direction;
  readonly #inflater: Inflater;

  constructor(own: Direction, peer: Direction) {
    this.own = own;
    this.#inflater = new Inflater(peer);
  }

  /** The next message of the peer. @throws Error when it does not decode under the agreed parameters. */
  inflate(payload: Uint8Array): Buffer {
    return this.#inflater.inflate(payload);
  }
}
