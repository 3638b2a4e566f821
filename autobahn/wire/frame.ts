/**
 * Frames for the conformance suite: one writer that can also write wrong frames, one reader that
 * reports what it saw without judging it.
 *
 * Rule: nothing here comes from the engine. A suite that shared its codec with what it judges
 * would share its mistakes. RFC 6455 §5.2, §5.3.
 */
import { randomBytes } from 'node:crypto';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Which of the three length encodings of RFC 6455 §5.2 a frame uses. */
export type LengthForm = 7 | 16 | 64;

export interface FrameSpec {
  readonly opcode: number;
  readonly payload?: Uint8Array;
  /** Default true. */
  readonly fin?: boolean;
  /** The three RSV bits as one number, RSV1 = 4. Default 0. */
  readonly rsv?: number;
  /** `role`: as the suite's role demands (default). A key is used as given. */
  readonly mask?: 'role' | 'never' | 'always' | Uint8Array;
  /** Default: the shortest form that fits. */
  readonly form?: LengthForm;
  /** Length told in the header instead of the payload's own. */
  readonly claim?: bigint;
}

export interface SeenFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly key: Buffer | null;
  readonly form: LengthForm;
  readonly payload: Buffer;
}

const shortestForm = (length: bigint): LengthForm => (length < 126n ? 7 : length < 65536n ? 16 : 64);

function maskingKey(spec: FrameSpec, roleMasks: boolean): Uint8Array | null {
  const mask = spec.mask ?? 'role';
  if (mask instanceof Uint8Array) return mask;
  if (mask === 'never') return null;
  return mask === 'always' || roleMasks ? freshMask() : null;
}

let masks = Buffer.alloc(0);

/** Four octets of strong randomness, from a store that is filled many at a time. */
function freshMask(): Buffer {
  if (masks.length === 0) masks = randomBytes(4096);
  const key = masks.subarray(0, 4);
  masks = masks.subarray(4);
  return key;
}

/** XORs `bytes` in place with a 4-octet key, starting at key octet `offset`. */
export function applyMask(bytes: Uint8Array, key: Uint8Array, offset = 0): void {
  const [a = 0, b = 0, c = 0, d = 0] = key;
  const rotated = [a, b, c, d];
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (bytes[i] ?? 0) ^ (rotated[(i + offset) & 3] ?? 0);
  }
}

/** One frame as octets. Right or wrong is the caller's choice. */
export function writeFrame(spec: FrameSpec, roleMasks: boolean): Buffer {
  const payload = spec.payload ?? Buffer.alloc(0);
  const length = spec.claim ?? BigInt(payload.length);
  const form = spec.form ?? shortestForm(length);
  const key = maskingKey(spec, roleMasks);
  const lengthOctets = form === 7 ? 0 : form === 16 ? 2 : 8;
  const start = 2 + lengthOctets + (key === null ? 0 : 4);
  const octets = Buffer.allocUnsafe(start + payload.length);
  octets[0] = (spec.fin === false ? 0 : 0x80) | ((spec.rsv ?? 0) << 4) | spec.opcode;
  octets[1] = (key === null ? 0 : 0x80) | (form === 7 ? Number(length) : form === 16 ? 126 : 127);
  if (form === 16) octets.writeUInt16BE(Number(length), 2);
  if (form === 64) octets.writeBigUInt64BE(length, 2);
  octets.set(payload, start);
  if (key !== null) {
    octets.set(key, start - 4);
    applyMask(octets.subarray(start), key);
  }
  return octets;
}

interface Header {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly key: Buffer | null;
  readonly form: LengthForm;
  readonly length: number;
}

/** The most a peer may claim in one frame before the suite stops believing it. */
const BELIEVABLE = 256 * 1024 * 1024;

export class UnbelievableLength extends Error {
  constructor(length: bigint) {
    super(`a frame of ${length} octets was announced`);
    this.name = 'UnbelievableLength';
  }
}

function headerLength(octets: Uint8Array, have: number): number {
  if (have < 2) return 2;
  const second = octets[1] ?? 0;
  const code = second & 0x7f;
  return 2 + (code === 126 ? 2 : code === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
}

function readHeader(octets: Buffer, size: number): Header {
  const first = octets.readUInt8(0);
  const second = octets.readUInt8(1);
  const code = second & 0x7f;
  const form: LengthForm = code < 126 ? 7 : code === 126 ? 16 : 64;
  const length =
    form === 7 ? BigInt(code) : form === 16 ? BigInt(octets.readUInt16BE(2)) : octets.readBigUInt64BE(2);
  if (length > BigInt(BELIEVABLE)) throw new UnbelievableLength(length);
  return {
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    key: second & 0x80 ? Buffer.from(octets.subarray(size - 4, size)) : null,
    form,
    length: Number(length),
  };
}

/** Cuts a stream of octets into frames; keeps nothing but the frame it is in. */
export class FrameReader {
  readonly #headerOctets = Buffer.alloc(14);
  #have = 0;
  #header: Header | null = null;
  #payload = Buffer.alloc(0);
  #filled = 0;

  /** True while part of a frame has arrived. */
  get midFrame(): boolean {
    return this.#have > 0;
  }

  /**
   * Feeds one chunk; `see` is called for each frame it completes.
   * @throws UnbelievableLength when a header claims more than 256 MiB.
   */
  push(chunk: Uint8Array, see: (frame: SeenFrame) => void): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#header === null ? this.#takeHeader(chunk, at) : this.#takePayload(chunk, at);
      if (this.#header !== null && this.#filled === this.#header.length) this.#complete(this.#header, see);
    }
  }

  #takeHeader(chunk: Uint8Array, from: number): number {
    let at = from;
    let size = headerLength(this.#headerOctets, this.#have);
    while (at < chunk.length && this.#have < size) {
      this.#headerOctets[this.#have++] = chunk[at++] ?? 0;
      size = headerLength(this.#headerOctets, this.#have);
    }
    if (this.#have === size) {
      this.#header = readHeader(this.#headerOctets, size);
      this.#payload = Buffer.allocUnsafe(this.#header.length);
      this.#filled = 0;
    }
    return at;
  }

  #takePayload(chunk: Uint8Array, from: number): number {
    const take = Math.min(chunk.length - from, this.#payload.length - this.#filled);
    this.#payload.set(chunk.subarray(from, from + take), this.#filled);
    this.#filled += take;
    return from + take;
  }

  #complete(header: Header, see: (frame: SeenFrame) => void): void {
    const payload = this.#payload;
    if (header.key !== null) applyMask(payload, header.key);
    this.#header = null;
    this.#have = 0;
    this.#payload = Buffer.alloc(0);
    const { fin, rsv, opcode, key, form } = header;
    see({ fin, rsv, opcode, key, form, payload });
  }
}
