/**
 * One connection's use of permessage-deflate (RFC 7692 §6, §7.2).
 *
 * The rule of this file: short messages are done before the call returns, long ones on the thread pool; either way
 * `done` comes once, and not after `dispose`.
 */
import type { ExtensionSession, InboundDone, LentBytes, LentMessage, OutboundDone } from '../types.ts';
import type { Deflater } from './deflater.ts';
import type { Inflated, Inflater } from './inflater.ts';
import { deflateLater, inflateLater } from './jobs.ts';
import type { Agreement } from './negotiation.ts';
import type { Shared } from './shared.ts';
import { byteLengthOf, plainView } from './views.ts';

/** Default thresholds in bytes, measured: where compressing begins to save more than a few bytes. */
const defaultThreshold = { takeover: 64, noTakeover: 256 };

/** The session. */
export class DeflateSession implements ExtensionSession {
  readonly rsv = 0x40;
  readonly #shared: Shared;
  readonly #agreement: Agreement;
  readonly #threshold: number;
  #inflater: Inflater | undefined;
  #deflater: Deflater | undefined;
  /** Whether the message that comes next was tried already, and is not an ordinary one. */
  #tried = false;
  #disposed = false;

  constructor(shared: Shared, agreement: Agreement) {
    this.#shared = shared;
    this.#agreement = agreement;
    this.#threshold =
      shared.settings.threshold ??
      (agreement.own.contextTakeover ? defaultThreshold.takeover : defaultThreshold.noTakeover);
    shared.enter();
  }

  /** Bytes kept for the peer's next message. */
  get historySize(): number {
    return this.#inflater?.historySize ?? 0;
  }

  wants(length: number, wish: boolean | undefined): boolean {
    return wish ?? length >= this.#threshold;
  }

  inbound(payload: Uint8Array, limit: number, done: InboundDone): void {
    if (this.#disposed) {
      return;
    }
    const length = byteLengthOf(payload);
    if (length === 0) {
      done(undefined, Buffer.alloc(0));
      return;
    }
    this.#inflater ??= this.#shared.inflaterFor(this.#agreement.peer);
    const inflater = this.#inflater;
    const now = this.#tried ? undefined : inflater.inflateNow(plainView(payload), limit);
    this.#tried = false;
    if (now !== undefined) {
      done(undefined, Buffer.from(now.bytes.subarray(now.start, now.end)));
      return;
    }
    const inflated = inflater.inflate(payload, length, limit);
    if (inflated !== 'later') {
      settle(inflated, done);
      return;
    }
    this.#shared.jobs.add((finished) => {
      if (this.#disposed) {
        finished();
        return;
      }
      inflateLater(inflater, payload, limit, (result) => {
        finished();
        if (!this.#disposed) {
          if (typeof result !== 'string') {
            inflater.remember(result);
          }
          settle(result, done);
        }
      });
    });
  }

  inboundNow(chunk: Uint8Array, start: number, end: number, limit: number): LentBytes | undefined {
    if (this.#disposed || start === end) {
      return undefined;
    }
    this.#inflater ??= this.#shared.inflaterFor(this.#agreement.peer);
    const payload = new Uint8Array(chunk.buffer, chunk.byteOffset + start, end - start);
    const made = this.#inflater.inflateNow(payload, limit);
    this.#tried = made === undefined;
    return made;
  }

  outboundNow(message: string | Uint8Array): LentMessage | undefined {
    const own = typeof message === 'string' ? message : plainView(message);
    if (this.#disposed || own.length === 0) {
      return undefined;
    }
    this.#deflater ??= this.#shared.deflaterFor(this.#agreement.own);
    return this.#deflater.deflateNow(own);
  }

  outbound(payload: Uint8Array, done: OutboundDone): void {
    if (this.#disposed) {
      return;
    }
    const length = byteLengthOf(payload);
    if (length === 0) {
      // RFC 7692 §7.2.3.6; zlib writes nothing when it is flushed twice without input in between.
      done(Buffer.alloc(1));
      return;
    }
    this.#deflater ??= this.#shared.deflaterFor(this.#agreement.own);
    const deflater = this.#deflater;
    const compressed = deflater.deflate(payload, length);
    if (compressed !== undefined) {
      done(compressed);
      deflater.sent();
      return;
    }
    this.#shared.jobs.add((finished) => {
      if (this.#disposed) {
        finished();
        return;
      }
      deflateLater(deflater, plainView(payload), (result) => {
        finished();
        if (!this.#disposed) {
          deflater.skip();
          done(result);
        }
      });
    });
  }

  dispose(): void {
    if (!this.#disposed) {
      this.#disposed = true;
      this.#shared.leave(this.#inflater, this.#deflater);
    }
  }
}

const settle = (inflated: Exclude<Inflated, 'later'>, done: InboundDone): void => {
  if (typeof inflated === 'string') {
    done(inflated, Buffer.alloc(0));
  } else {
    done(undefined, inflated);
  }
};
