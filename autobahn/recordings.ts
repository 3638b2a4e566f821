/**
 * What the suite sends in groups 12 and 13, compressed once.
 *
 * Rule: a series of messages and the parameters of the suite's own direction settle every octet
 * of the payloads, so cases that share both share the work. What peers send is never taken from here.
 */
import type { RoundsPlot } from './cases/case.ts';
import { Deflater, type Direction } from './wire/deflate.ts';

/** A series of compressed payloads, made as far as somebody has asked for them. */
class Recording {
  readonly #deflater: Deflater;
  readonly #message: (round: number) => Buffer;
  readonly #payloads: Buffer[] = [];

  constructor(plot: RoundsPlot, direction: Direction) {
    this.#message = plot.message;
    this.#deflater = new Deflater(direction);
  }

  payload(round: number): Buffer {
    for (let next = this.#payloads.length; next <= round; next++) {
      // A copy: what zlib returns is a small part of a chunk of 16 KiB, which it would keep alive.
      this.#payloads.push(Buffer.from(this.#deflater.deflate(this.#message(next))));
    }
    return this.#payloads[round] ?? Buffer.alloc(0);
  }
}

const recordings = new Map<string, Recording>();

/** The compressed payload of one round, as octets that nobody may change. */
export function recorded(plot: RoundsPlot, round: number, direction: Direction): Buffer {
  const name = `${plot.series} ${direction.windowBits} ${direction.takeover}`;
  let recording = recordings.get(name);
  if (recording === undefined) {
    recording = new Recording(plot, direction);
    recordings.set(name, recording);
  }
  return recording.payload(round);
}
