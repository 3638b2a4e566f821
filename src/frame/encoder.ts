/**
 * Writing frames (RFC 6455 §5.2): the header into a place that the caller owns, so that header and payload can share
 * one buffer and one write.
 *
 * The rule of this file: lengths always take their shortest form, and a key, when there is one, is written with its
 * lowest byte first, as `mask` uses it.
 */
import { mask } from './mask.ts';

/** Bytes that the header of a frame with this payload takes: 2 to 14. */
export function headerSize(length: number, masked: boolean): number {
  const size = length < 126 ? 2 : length < 0x1_0000 ? 4 : 10;
  return masked ? size + 4 : size;
}

/**
 * Writes a header at `at`.
 *
 * @param first the first byte: FIN (0x80), RSV bits and opcode
 * @param length payload bytes, at most 2^53 - 1
 * @param key masking key, or undefined for an unmasked frame
 * @returns the offset after the header
 */
export function encodeHeader(
  target: Uint8Array,
  at: number,
  first: number,
  length: number,
  key: number | undefined,
): number {
  const maskBit = key === undefined ? 0 : 0x80;
  target[at] = first;
  let next = at + 2;
  if (length < 126) {
    target[at + 1] = maskBit | length;
  } else if (length < 0x1_0000) {
    target[at + 1] = maskBit | 126;
    target[at + 2] = length >>> 8;
    target[at + 3] = length;
    next = at + 4;
  } else {
    target[at + 1] = maskBit | 127;
    writeUint32(target, at + 2, Math.floor(length / 0x1_0000_0000));
    writeUint32(target, at + 6, length >>> 0);
    next = at + 10;
  }
  if (key === undefined) return next;
  target[next] = key;
  target[next + 1] = key >>> 8;
  target[next + 2] = key >>> 16;
  target[next + 3] = key >>> 24;
  return next + 4;
}

function writeUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/** What a frame made by {@link encodeFrame} says beside its opcode and payload. */
export interface FrameOptions {
  /** Whether it is the last of its message. Default true. */
  readonly fin?: boolean;
  /** Reserved bits as in the first byte (0x40, 0x20, 0x10). Default 0. */
  readonly rsv?: number;
  /** Masking key; without one the frame is not masked. */
  readonly key?: number | undefined;
}

/** Makes one whole frame in a buffer of its own. The payload is copied, never changed. */
export function encodeFrame(opcode: number, payload: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { fin = true, rsv = 0, key } = options;
  const frame = new Uint8Array(headerSize(payload.length, key !== undefined) + payload.length);
  const at = encodeHeader(frame, 0, (fin ? 0x80 : 0) | rsv | opcode, payload.length, key);
  frame.set(payload, at);
  if (key !== undefined) mask(frame, at, frame.length, key);
  return frame;
}
