// Frames built once, before anything is measured, and the bytes an echo must consist of.
// Rule: nothing here uses the package under test, so that a fault in its codec cannot hide itself. RFC 6455 §5.2.
import { randomBytes } from 'node:crypto';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8 } as const;

interface FrameShape {
  readonly opcode: number;
  readonly fin?: boolean;
  /** RSV1: the payload is compressed. */
  readonly compressed?: boolean;
}

function header(
  { opcode, fin = true, compressed = false }: FrameShape,
  size: number,
  masked: boolean,
): Buffer {
  const extended = size < 126 ? 0 : size < 65536 ? 2 : 8;
  const bytes = Buffer.alloc(2 + extended);
  bytes[0] = (fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  bytes[1] = (masked ? 0x80 : 0) | (extended === 0 ? size : extended === 2 ? 126 : 127);
  if (extended === 2) bytes.writeUInt16BE(size, 2);
  if (extended === 8) bytes.writeBigUInt64BE(BigInt(size), 2);
  return bytes;
}

/** A client's frame, masked with a random key. */
export function maskedFrame(payload: Buffer, shape: FrameShape): Buffer {
  const key = randomBytes(4);
  const head = header(shape, payload.length, true);
  const frame = Buffer.allocUnsafe(head.length + 4 + payload.length);
  frame.set(head, 0);
  frame.set(key, head.length);
  const start = head.length + 4;
  const [a = 0, b = 0, c = 0, d = 0] = key;
  for (let i = 0; i < payload.length; i += 4) {
    frame[start + i] = (payload[i] ?? 0) ^ a;
    frame[start + i + 1] = (payload[i + 1] ?? 0) ^ b;
    frame[start + i + 2] = (payload[i + 2] ?? 0) ^ c;
    frame[start + i + 3] = (payload[i + 3] ?? 0) ^ d;
  }
  return frame;
}

/** A server's frame for the same message: one frame, not masked. */
export function serverFrame(payload: Buffer, shape: FrameShape): Buffer {
  return Buffer.concat([header(shape, payload.length, false), payload]);
}

/** One message in as many frames as asked, of equal size. */
export function fragmentedMessage(payload: Buffer, opcode: number, fragments: number): Buffer {
  const size = Math.ceil(payload.length / fragments);
  const frames: Buffer[] = [];
  for (let index = 0; index < fragments; index += 1) {
    const piece = payload.subarray(index * size, (index + 1) * size);
    frames.push(
      maskedFrame(piece, {
        opcode: index === 0 ? opcode : OPCODE.continuation,
        fin: index === fragments - 1,
      }),
    );
  }
  return Buffer.concat(frames);
}

/** Finds the end of each server frame in a stream that arrives in any pieces, without keeping the payload. */
export class FrameCounter {
  #head = Buffer.alloc(10);
  #headSize = 0;
  #payloadLeft = 0;

  /** The number of frames that ended within these bytes. */
  count(bytes: Buffer, size: number): number {
    let ended = 0;
    let at = 0;
    while (at < size) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, size - at);
        at += step;
        this.#payloadLeft -= step;
        if (this.#payloadLeft === 0) ended += 1;
        continue;
      }
      this.#head[this.#headSize] = bytes[at] ?? 0;
      this.#headSize += 1;
      at += 1;
      const length = this.#payloadLength();
      if (length === undefined) continue;
      this.#headSize = 0;
      this.#payloadLeft = length;
      if (length === 0) ended += 1;
    }
    return ended;
  }

  #payloadLength(): number | undefined {
    if (this.#headSize < 2) return undefined;
    const short = (this.#head[1] ?? 0) & 0x7f;
    if (short < 126) return short;
    if (short === 126) return this.#headSize < 4 ? undefined : this.#head.readUInt16BE(2);
    return this.#headSize < 10 ? undefined : Number(this.#head.readBigUInt64BE(2));
  }
}
