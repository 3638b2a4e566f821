/**
 * Frame decoders that are lent: between two messages a decoder remembers nothing, so idle connections share a few.
 *
 * The rule of this file: what comes back is at rest, and lets go of whom it served.
 */
import { FrameDecoder, type FrameSink } from '../frame/decoder.ts';
import type { FrameRules } from '../frame/header.ts';

/** Decoders that are kept at most. One does for all connections that receive whole messages only. */
const kept = 64;

const nobody: FrameSink = Object.freeze({
  dataFrame() {},
  dataStart() {},
  dataPiece() {},
  dataEnd() {},
  controlFrame() {},
  violation() {},
});

export class Decoders {
  readonly #rules: FrameRules;
  readonly #free: FrameDecoder[] = [];

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  /** A decoder at the start of a frame and of a message. */
  lend(sink: FrameSink): FrameDecoder {
    const decoder = this.#free.pop();
    if (decoder === undefined) return new FrameDecoder(this.#rules, sink);
    decoder.sink = sink;
    return decoder;
  }

  /** Takes back a decoder that is `idle`. */
  takeBack(decoder: FrameDecoder): void {
    decoder.sink = nobody;
    if (this.#free.length < kept) this.#free.push(decoder);
  }
}
