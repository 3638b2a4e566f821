/**
 * An extension that turns every byte around (XOR 0xff) and answers at once, or a turn or two later.
 *
 * The rule of this file: what it does to a message can be undone without it, so that a judge needs no second engine.
 */
import type { ExtensionSession, InboundDone, OutboundDone } from '../../src/extension/types.ts';
import type { Random } from '../random.ts';

export const turnedAround = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0xff));

export class LateSession implements ExtensionSession {
  readonly rsv = 0x40;
  disposed = false;
  /** Calls under way, at most one of each kind. */
  readonly underWay = { inbound: 0, outbound: 0 };
  /** Most calls of one kind that were ever under way together. */
  most = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether a call waits for its answer. */
  get working(): boolean {
    return this.underWay.inbound + this.underWay.outbound > 0;
  }

  wants(length: number, wish: boolean | undefined): boolean {
    return wish ?? length % 2 === 0;
  }

  inbound(payload: Uint8Array, _limit: number, done: InboundDone): void {
    this.#later('inbound', () => done(undefined, turnedAround(payload)));
  }

  outbound(payload: Uint8Array, done: OutboundDone): void {
    this.#later('outbound', () => done(turnedAround(payload)));
  }

  dispose(): void {
    this.disposed = true;
  }

  #later(kind: 'inbound' | 'outbound', answer: () => void): void {
    this.underWay[kind] += 1;
    this.most = Math.max(this.most, this.underWay[kind]);
    const wait = (turns: number): void => {
      if (turns > 0) {
        setImmediate(() => wait(turns - 1));
        return;
      }
      this.underWay[kind] -= 1;
      if (!this.disposed) answer();
    };
    wait(this.#random.below(3));
  }
}
