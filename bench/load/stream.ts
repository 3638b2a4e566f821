// Comparing what comes back with what must come back, at the price of one memcmp per read.
// Rule: the messages of a row form a ring, so the bytes of an echo are a known, periodic stream.

import type { Payload } from '../scenarios.ts';
import { maskedFrame, OPCODE, serverFrame } from './frames.ts';
import { payloadRing } from './payloads.ts';

/** Frames to send and the bytes to expect for them; all frames of a ring have one size. */
export interface Ring {
  readonly messages: number;
  /** The whole ring twice, so that any run of up to `messages` frames is one slice. */
  readonly outgoing: Buffer;
  readonly outgoingSize: number;
  /** One period of the expected bytes. */
  readonly expected: Buffer;
  readonly expectedSize: number;
}

export const opcodeOf = ({ form }: Payload): number => (form === 'binary' ? OPCODE.binary : OPCODE.text);

/** The ring of a row; `raw` expects the very bytes back that were sent. */
export function ringOf(payload: Payload, raw: boolean): Ring {
  const opcode = opcodeOf(payload);
  const payloads = payloadRing(payload);
  const outgoing = Buffer.concat(payloads.map((bytes) => maskedFrame(bytes, { opcode })));
  const expected = raw ? outgoing : Buffer.concat(payloads.map((bytes) => serverFrame(bytes, { opcode })));
  return {
    messages: payloads.length,
    outgoing: Buffer.concat([outgoing, outgoing]),
    outgoingSize: outgoing.length / payloads.length,
    expected,
    expectedSize: expected.length / payloads.length,
  };
}

/** Follows one connection's incoming bytes through the expected stream. */
export class ExpectedStream {
  readonly #ring: Ring;
  #at = 0;
  #partial = 0;

  constructor(ring: Ring) {
    this.#ring = ring;
  }

  /** Compares the bytes and returns how many messages they completed. Throws at the first wrong byte. */
  check(bytes: Buffer, size: number): number {
    const { expected, expectedSize } = this.#ring;
    let from = 0;
    while (from < size) {
      const step = Math.min(size - from, expected.length - this.#at);
      if (bytes.compare(expected, this.#at, this.#at + step, from, from + step) !== 0) {
        throw new Error('An echoed byte differs from the one that was sent.');
      }
      from += step;
      this.#at = (this.#at + step) % expected.length;
    }
    const total = this.#partial + size;
    this.#partial = total % expectedSize;
    return (total - this.#partial) / expectedSize;
  }
}
