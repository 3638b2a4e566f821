/**
 * A message encoded once, to be sent to many.
 */
import { encodeFrame } from '../frame/encoder.ts';

/** Made by `prepare`. Its bytes are shared by every connection it is sent on, and never change. */
export class Prepared {
  readonly opcode: number;
  readonly payload: Uint8Array;
  /** The whole frame, unmasked. */
  readonly frame: Uint8Array;

  constructor(opcode: number, payload: Uint8Array) {
    this.opcode = opcode;
    this.frame = encodeFrame(opcode, payload);
    this.payload = this.frame.subarray(this.frame.length - payload.length);
  }

  /** Bytes of the payload. */
  get length(): number {
    return this.payload.length;
  }
}
