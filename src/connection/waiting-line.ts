/**
 * Those who wait for a sender: messages for their turn, callers for the peer to keep up, a Pong and a Close for room.
 *
 * The rule of this file: it is made when something has to wait, so that a connection that keeps up has none. Every
 * promise that it gives is settled once, at the latest when the connection is over.
 */
import type { ClosedError } from './errors.ts';
import { Deferred } from './promises.ts';
import { Queue } from './queue.ts';

/** One message, or a caller, whose turn comes later. */
export interface Waiting {
  /** Starts the work; called when it is this one's turn, with what to call when the work is done. */
  readonly work: (done: () => void) => void;
  /** Bytes of the message. */
  readonly size: number;
  readonly ends: Deferred;
}

export class WaitingLine {
  /** Bytes of the messages in line. */
  size = 0;
  /** Of whoever has the turn: when the connection is over, what it waits for may never come. */
  holder: Deferred | undefined;
  /** Payload of the newest Pong that could not be sent yet. */
  pong: Uint8Array | undefined;
  /** Payload of a Close that goes behind everything in line. */
  close: Uint8Array | undefined;
  readonly #queue = new Queue<Waiting>();
  #room: Deferred | undefined;

  get length(): number {
    return this.#queue.length;
  }

  /** Whoever is next. */
  get first(): Waiting | undefined {
    return this.#queue.first;
  }

  push(waiting: Waiting): void {
    this.size += waiting.size;
    this.#queue.push(waiting);
  }

  /** Takes whoever is next out of the line. */
  take(): Waiting | undefined {
    const next = this.#queue.take();
    if (next !== undefined) this.size -= next.size;
    return next;
  }

  /** Resolves when `relieve` is called, rejects when the connection is over first; one promise for all. */
  room(): Promise<void> {
    this.#room ??= new Deferred();
    return this.#room.promise;
  }

  /** The peer keeps up again. */
  relieve(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Tells everybody that the connection is over. The error is made only if there is somebody to be told. */
  refuse(makeError: () => ClosedError): void {
    this.pong = undefined;
    if (this.holder === undefined && this.#room === undefined && this.length === 0) return;
    // An error records where it was made, which costs more than all the rest of an ending.
    const error = makeError();
    this.holder?.reject(error);
    this.holder = undefined;
    for (let next = this.take(); next !== undefined; next = this.take()) next.ends.reject(error);
    this.#room?.reject(error);
    this.#room = undefined;
  }
}
