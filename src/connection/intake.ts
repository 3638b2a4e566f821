/**
 * Chunks on their way to be decoded: which one now, what has to wait, and when the transport is held back.
 *
 * The rule of this file: decoding is lazy. When the inbox is full, an extension still works on a message, or the turn
 * is spent, the rest of the chunk waits undecoded and the transport is paused; so memory is bounded by one chunk and
 * one inbox. What stands in the chunks is no concern of this file.
 */
import { closeCodes } from '../frame/close.ts';
import type { Environment } from './environment.ts';
import { errorOf } from './errors.ts';
import type { Inbox, MessageSource } from './inbox.ts';
import type { ByteTransport, Region } from './port.ts';

/** From this size on what waited is decoded in the memory that is masked fastest. */
const worthMoving = 2_048;
/** Up to this size a chunk never waits for its turn. */
const modest = 4_096;

/** What the intake asks and tells the protocol, and what of it it uses: one reference for all. */
export interface IntakeOwner {
  readonly environment: Environment;
  readonly transport: ByteTransport;
  readonly inbox: Inbox;
  /** Whether the peer's frames still count. */
  readonly reading: boolean;
  /** Whether messages may be dropped for lack of room, because the connection is closing. */
  readonly closing: boolean;
  /** The input flows again after it was held back. */
  resumed(): void;
  failWith(code: number, reason: string, cause: Error): void;
}

/** Chunks that wait, the first one from `at` on. */
interface Held {
  readonly chunk: Uint8Array;
  readonly at: number;
  readonly later: Uint8Array[];
}

export abstract class Intake<Owner extends IntakeOwner = IntakeOwner> implements MessageSource {
  /** Whether we ourselves hold the input back. */
  paused = false;
  /** Whether an extension works on a message. */
  transforming = false;

  protected readonly owner: Owner;
  /** Whether the transport is at its end, so that nothing can be put off any more. */
  protected draining = false;
  /** Whether the chunk under way has brought a message that its handler could not answer yet. */
  protected unanswered = false;
  #held: Held | undefined;
  /** Whether what waits has a place in the line of those who brought much at once. */
  #inLine = false;
  /** An end that came right behind a message, and waits for the turn in which that is answered. */
  #end: (() => void) | undefined;
  /** What cut us off as bytes were taken in: some of them are lost, and what comes behind them cannot be read. */
  #lost: unknown;

  constructor(owner: Owner) {
    this.owner = owner;
    owner.inbox.source = this;
  }

  protected get environment(): Environment {
    return this.owner.environment;
  }

  protected get inbox(): Inbox {
    return this.owner.inbox;
  }

  /**
   * Decodes `chunk[from, end)`, changing it in place.
   *
   * @param region the memory of the chunk when that is only lent for the call
   * @returns the offset up to which it was decoded
   */
  protected abstract decode(chunk: Uint8Array, from: number, end: number, region: Region | undefined): number;

  /** Has `decode` return behind the frame under way. */
  protected abstract stopDecoding(): void;

  /** No more is decoded: whatever is half received can be forgotten. */
  protected abstract over(): void;

  /** Takes `chunk[0, end)` from the transport; with a region it is only lent, and what waits is copied. */
  data(chunk: Uint8Array, end: number, region: Region | undefined): void {
    if (!this.owner.reading) {
      if (end > modest) this.#discard();
      return;
    }
    if (this.#lost !== undefined) {
      this.#giveUp();
      return;
    }
    try {
      this.#takeIn(chunk, end, region);
    } catch (error) {
      this.#lost = error;
      this.#giveUp();
    }
  }

  #giveUp(): void {
    const reason = 'what was received could not be read';
    this.owner.failWith(closeCodes.internalError, reason, errorOf(this.#lost));
  }

  /** In a turn of its own: whoever asks for a message may have no room left on the stack. */
  #giveUpLater(): void {
    this.environment.runtime.later(() => this.#giveUp());
  }

  #takeIn(chunk: Uint8Array, end: number, region: Region | undefined): void {
    this.unanswered = false;
    if (this.#held !== undefined) this.#held.later.push(this.#kept(chunk, 0, end, region));
    else if (this.transforming || this.#end !== undefined) this.#hold(this.#kept(chunk, 0, end, region), 0);
    else if (end > modest && this.environment.runtime.isSpent(true)) {
      this.#hold(this.#kept(chunk, 0, end, region), 0);
      this.#getInLine();
    } else {
      const stop = this.#decode(chunk, 0, end, region);
      if (stop < end) this.#hold(this.#kept(chunk, stop, end, region), region === undefined ? stop : 0);
    }
  }

  #kept(chunk: Uint8Array, at: number, end: number, region: Region | undefined): Uint8Array {
    return region === undefined ? chunk : this.environment.runtime.copy(chunk, at, end);
  }

  /** Goes on where decoding had stopped, and opens the transport again when nothing is left waiting. */
  resume(): void {
    if (this.#inLine) return;
    if (this.#lost !== undefined) {
      this.#giveUpLater();
      return;
    }
    try {
      this.#goOn();
    } catch (error) {
      this.#lost = error;
      this.#giveUpLater();
    }
  }

  #goOn(): void {
    while (this.#held !== undefined && !this.#blocked) {
      if (this.environment.runtime.isSpent(false)) {
        this.#getInLine();
        return;
      }
      this.#decodeNext(this.#held);
    }
    if (this.paused && !this.#blocked) {
      this.paused = false;
      this.owner.resumed();
      this.owner.transport.resume();
    }
  }

  /** What waits is decoded in a turn of its own, so that others are heard meanwhile. */
  #getInLine(): void {
    this.#inLine = true;
    this.environment.runtime.getInLine(() => {
      this.#inLine = false;
      this.resume();
    });
  }

  /** What comes behind the end is thrown away; but reading it takes time too, and that of others. */
  #discard(): void {
    const { runtime } = this.environment;
    if (this.#inLine || !runtime.isSpent(true)) return;
    this.#inLine = true;
    this.owner.transport.pause();
    runtime.getInLine(() => {
      this.#inLine = false;
      this.owner.transport.resume();
    });
  }

  /** Decodes all that waits, whatever the inbox says: there will be no later, and how it ended may stand in it. */
  drain(): void {
    this.draining = true;
    try {
      this.#actOnEnd();
      while (this.#held !== undefined && !this.transforming && this.owner.reading) {
        this.#decodeNext(this.#held);
        this.#actOnEnd();
      }
    } catch (error) {
      this.#lost = error;
    }
    if (this.#lost !== undefined) this.#giveUp();
  }

  /** Stops for good; what still comes is thrown away. */
  stop(): void {
    this.stopDecoding();
    this.over();
    this.#held = undefined;
    this.#end = undefined;
    if (!this.paused) return;
    this.paused = false;
    this.owner.transport.resume();
  }

  get #blocked(): boolean {
    return this.transforming || this.#end !== undefined || (this.inbox.full && !this.owner.closing);
  }

  /** Whether the connection's end is known, and waits for its turn. */
  protected get ending(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Acts on a Close or a violation. Right behind a message it waits a turn, so that what the handler answers to the
   * message leaves before our Close, however the peer's bytes were cut.
   */
  protected endWith(act: () => void): void {
    if (this.unanswered && !this.owner.closing) this.endNextTurn(act);
    else act();
  }

  protected endNextTurn(act: () => void): void {
    this.stopDecoding();
    this.#end ??= act;
    this.environment.runtime.later(() => {
      this.#actOnEnd();
      this.resume();
    });
  }

  #actOnEnd(): void {
    const act = this.#end;
    this.#end = undefined;
    act?.();
  }

  /** Decodes the first waiting chunk, which may put its rest back or end the reading. */
  #decodeNext({ chunk, at, later }: Held): void {
    this.#held = undefined;
    const size = chunk.length - at;
    const region = size >= worthMoving ? this.environment.runtime.borrow() : undefined;
    let stop: number;
    if (region === undefined || size > region.bytes.length) {
      stop = this.#decode(chunk, at, chunk.length, undefined);
    } else {
      region.bytes.set(at === 0 ? chunk : chunk.subarray(at));
      // An extension that is called meanwhile may lead to another connection, where something waits too.
      region.busy = true;
      try {
        // What is not reached there is as it was here.
        stop = at + this.#decode(region.bytes, 0, size, region);
      } finally {
        region.busy = false;
      }
    }
    if (stop < chunk.length) this.#hold(chunk, stop);
    this.#holdLater(later);
  }

  #holdLater(later: Uint8Array[]): void {
    const [next, ...others] = later;
    if (next === undefined || !this.owner.reading) return;
    if (this.#held === undefined) this.#held = { chunk: next, at: 0, later: others };
    else this.#held.later.push(...later);
  }

  /** @returns where what has to wait begins; `end` when nothing has to */
  #decode(chunk: Uint8Array, from: number, end: number, region: Region | undefined): number {
    const stop = this.decode(chunk, from, end, region);
    if (!this.owner.reading) return end;
    if (stop === end && this.#blocked) this.#pause();
    return stop;
  }

  #hold(chunk: Uint8Array, at: number): void {
    this.#held = { chunk, at, later: [] };
    this.#pause();
  }

  #pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.owner.transport.pause();
  }
}
