/**
 * permessage-deflate for the suite's own end: one compressor and one decompressor over node:zlib,
 * held to exactly the parameters that were agreed.
 *
 * Rule: strict where it judges. The decompressor's window is the agreed one and is emptied after
 * each message when the peer agreed to no context takeover, so a peer that breaks its word fails
 * to decode here. RFC 7692 §7.
 */
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib';

export interface Direction {
  /** Base-2 logarithm of the LZ77 window, 8 to 15. */
  readonly windowBits: number;
  readonly takeover: boolean;
}

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const CHUNK = 64 * 1024;
/** zlib finds a reference beyond the window only where it reaches back over the output it gave away before. */
const SMALL_CHUNK = 4 * 1024;

type Codec = DeflateRaw | InflateRaw;

/** A zlib stream used one message at a time; its listeners live as long as it does. */
class Pump {
  readonly #codec: Codec;
  #out: Buffer[] = [];
  #fail: (error: Error) => void = () => {};

  constructor(codec: Codec) {
    this.#codec = codec;
    codec.on('data', (chunk: Buffer) => {
      this.#out.push(chunk);
    });
    codec.on('error', (error: Error) => this.#fail(error));
  }

  /** Writes `pieces`, flushes, and resolves with all that came out. */
  run(pieces: readonly Uint8Array[], forget: boolean): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#out = [];
      this.#fail = reject;
      for (const piece of pieces) this.#codec.write(piece);
      this.#codec.flush(constants.Z_SYNC_FLUSH, () => {
        const out = this.#out;
        this.#out = [];
        if (forget && !this.#codec.destroyed) this.#codec.reset();
        resolve(out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out));
      });
    });
  }

  dispose(): void {
    this.#codec.close();
  }
}

export class DeflateSession {
  readonly #own: Direction;
  readonly #peer: Direction;
  #deflater: Pump | null = null;
  #inflater: Pump | null = null;

  constructor(own: Direction, peer: Direction) {
    this.#own = own;
    this.#peer = peer;
  }

  /** The payload of one message, compressed, without the four octets RFC 7692 §7.2.1 removes. */
  async deflate(message: Uint8Array): Promise<Buffer> {
    // zlib has no raw window of 256 octets for compressing; its 9 never refers back further than 250.
    const windowBits = Math.max(9, this.#own.windowBits);
    this.#deflater ??= new Pump(createDeflateRaw({ windowBits, chunkSize: CHUNK, level: 1 }));
    const octets = await this.#deflater.run([message], !this.#own.takeover);
    return octets.subarray(0, octets.length - TAIL.length);
  }

  /** One message out of its compressed payload. Rejects when it does not decode under the agreed parameters. */
  async inflate(payload: Uint8Array): Promise<Buffer> {
    const { windowBits } = this.#peer;
    const chunkSize = windowBits < 15 ? SMALL_CHUNK : CHUNK;
    this.#inflater ??= new Pump(createInflateRaw({ windowBits, chunkSize }));
    return this.#inflater.run([payload, TAIL], !this.#peer.takeover);
  }

  dispose(): void {
    this.#deflater?.dispose();
    this.#inflater?.dispose();
  }
}
