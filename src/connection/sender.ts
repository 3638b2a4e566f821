/**
 * The sending half of the core: what leaves at once, what waits for a slow peer, and who is told when.
 *
 * The rule of this file: frames of one turn leave in one write; order is the order of calls; a promise is made only
 * for a message that has to wait. Control frames go around whatever waits.
 */
import type { ExtensionSession } from '../extension/types.ts';
import { LimitError } from '../frame/errors.ts';
import { opcodes } from '../frame/opcodes.ts';
import type { Environment } from './environment.ts';
import { ClosedError } from './errors.ts';
import { Fragments } from './fragments.ts';
import { copyLimit, Outbox } from './outbox.ts';
import type { ByteTransport } from './port.ts';
import { Prepared } from './prepared.ts';
import { Deferred, refused } from './promises.ts';
import { Queue } from './queue.ts';
import type { Closure } from './types.ts';

const fin = 0x80;
/** The promise of every message that is accepted at once. */
const accepted = Promise.resolve();

/** What the sender asks and tells the protocol. */
export interface SenderOwner {
  readonly closing: boolean;
  closureSoFar(): Closure;
  sent(): void;
  progressed(): void;
  failWith(code: number, reason: string, cause: Error): void;
  close(payload: Uint8Array, code: number, reason: string, cause?: Error): void;
}

/** One message, as it may be given to `send`. */
export type Outgoing = string | Uint8Array | Prepared;

interface Waiting {
  /** Starts the work; called when it is this one's turn, with what to call when the work is done. */
  readonly work: (done: () => void) => void;
  readonly size: number;
  readonly ends: Deferred;
}

export class Sender {
  readonly #owner: SenderOwner;
  readonly #environment: Environment;
  readonly #transport: ByteTransport;
  readonly #session: ExtensionSession | undefined;
  readonly #outbox: Outbox;
  /** Bytes in the transport, as of the last write or drain. */
  #backlog = 0;
  #scheduled = false;
  /** A streamed message or an extension holds the turn. */
  #busy = false;
  readonly #queue = new Queue<Waiting>();
  #queued = 0;
  #pong: Uint8Array | undefined;
  #closePayload: Uint8Array | undefined;
  #drain: Deferred | undefined;
  /** Of whoever has the turn: when the connection is over, what it waits for may never come. */
  #holder: Deferred | undefined;
  #over: Closure | undefined;

  constructor(
    owner: SenderOwner,
    environment: Environment,
    transport: ByteTransport,
    session: ExtensionSession | undefined,
  ) {
    this.#owner = owner;
    this.#environment = environment;
    this.#transport = transport;
    this.#session = session;
    this.#outbox = new Outbox(environment.runtime, environment.role.nextMaskKey);
  }

  /** Bytes that wait: not written yet, and written but not taken by the system. */
  get bufferedAmount(): number {
    return this.#outbox.size + this.#queued + (this.#backlog === 0 ? 0 : this.#transport.bufferedAmount);
  }

  get #pending(): number {
    return this.#outbox.size + this.#backlog;
  }

  /** Whether nobody has the turn or waits for it. */
  get #idle(): boolean {
    return !this.#busy && this.#queue.length === 0;
  }

  #sizeOf(message: Outgoing): number {
    return typeof message === 'string' ? this.#environment.runtime.byteLength(message) : message.length;
  }

  /** Bytes that would wait with this message, if they are more than `maxWriteBufferSize` allows; else 0. */
  #excess(message: Outgoing): number {
    const { maxWriteBufferSize } = this.#environment.settings;
    // A UTF-16 unit becomes at most three bytes.
    const most = typeof message === 'string' ? message.length * 3 : message.length;
    if (this.#pending + this.#queued + most <= maxWriteBufferSize) return 0;
    // What was only collected so far is not in a slow peer's way yet.
    this.flush();
    const ahead = this.#backlog + this.#queued;
    if (ahead === 0) return 0;
    const together = ahead + this.#sizeOf(message);
    return together > maxWriteBufferSize ? together : 0;
  }

  /** Sends one message. Resolves when fewer than `writeBufferSize` bytes wait. */
  send(message: Outgoing, compress: boolean | undefined): Promise<void> {
    if (this.#owner.closing) return refused(new ClosedError(this.#owner.closureSoFar()));
    const excess = this.#excess(message);
    if (excess > 0 && this.#environment.settings.overflow !== 'wait') return this.#overflow(excess);
    if (excess > 0 || !this.#idle) return this.#enqueueMessage(message, compress);
    this.#begin(message, compress, undefined);
    return this.#busy ? this.#enqueue(0, (done) => done()) : this.#accept();
  }

  /** Adds a message to the next write without asking for one. @returns the bytes of its frame */
  write(message: Outgoing): number {
    if (this.#owner.closing) throw new ClosedError(this.#owner.closureSoFar());
    const { maxWriteBufferSize, writeBufferSize } = this.#environment.settings;
    const excess = this.#excess(message);
    if (excess > 0) {
      throw new LimitError({ limit: 'maxWriteBufferSize', max: maxWriteBufferSize, actual: excess });
    }
    if (!this.#idle) {
      void this.#enqueueMessage(message, false);
      return this.#sizeOf(message);
    }
    const size = this.#encode(fin | opcodeOf(message), message);
    this.#owner.sent();
    if (this.#outbox.size >= writeBufferSize) this.flush();
    return size;
  }

  /** Writes what waits, now. Resolves when fewer than `writeBufferSize` bytes wait. */
  flushed(): Promise<void> {
    if (this.#over !== undefined) return refused(new ClosedError(this.#over));
    this.flush();
    return this.#idle ? this.#accept() : this.#enqueue(0, (done) => done());
  }

  /** Sends a message in fragments, one per chunk, and returns when the last one is accepted. */
  stream(chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>): Promise<void> {
    if (this.#owner.closing) return refused(new ClosedError(this.#owner.closureSoFar()));
    const ends = new Deferred();
    const work = (): void => {
      this.#busy = true;
      this.#runStream(chunks).then(
        () => ends.resolve(),
        (error: unknown) => ends.reject(error),
      );
    };
    if (this.#idle) this.#take({ work, size: 0, ends });
    else this.#queue.push({ work, size: 0, ends });
    return ends.promise;
  }

  ping(payload: Uint8Array): void {
    this.#outbox.bytes(fin | opcodes.ping, payload);
    this.#schedule();
  }

  /** Answers a ping: at once, or with the newest one only while the peer is slow to take what we write (§5.5.3). */
  pong(payload: Uint8Array): void {
    if (this.#pending > this.#environment.settings.writeBufferSize) {
      this.#pong = new Uint8Array(payload);
      return;
    }
    this.#outbox.bytes(fin | opcodes.pong, payload);
    this.#schedule();
  }

  /** Sends a Close behind everything that waits. */
  close(payload: Uint8Array): void {
    if (this.#idle) this.#writeClose(payload);
    else this.#closePayload = payload;
  }

  /** Sends a Close before everything that waits. */
  closeNow(payload: Uint8Array): void {
    this.#writeClose(payload);
  }

  /** No more is sent; what waits is told so. */
  over(closure: Closure): void {
    if (this.#closePayload !== undefined) this.#writeClose(this.#closePayload);
    this.flush();
    this.#over = closure;
    this.#pong = undefined;
    const waits = this.#holder !== undefined || this.#drain !== undefined || this.#queue.length > 0;
    // An error records where it was made, which costs more than all the rest of an ending.
    if (waits) this.#refuseWaiting(new ClosedError(closure));
  }

  #refuseWaiting(error: ClosedError): void {
    this.#holder?.reject(error);
    this.#holder = undefined;
    while (this.#queue.length > 0) this.#queue.take()?.ends.reject(error);
    this.#queued = 0;
    this.#drain?.reject(error);
    this.#drain = undefined;
  }

  /** Called at the end of the turn. */
  flush(): void {
    this.#scheduled = false;
    if (this.#outbox.size === 0 || this.#over !== undefined) return;
    this.#outbox.flush(this.#transport);
    this.#backlog = this.#transport.bufferedAmount;
    this.#answerPing();
  }

  /** The transport has taken bytes that waited. */
  drained(): void {
    this.#backlog = this.#transport.bufferedAmount;
    this.#owner.progressed();
    if (this.#over !== undefined) return;
    this.#answerPing();
    this.#pump();
    this.#relieve();
  }

  /** Sends the Pong that had to wait, if there is room for it now. */
  #answerPing(): void {
    const pong = this.#pong;
    if (
      pong === undefined ||
      this.#pending > this.#environment.settings.writeBufferSize ||
      this.#owner.closing
    ) {
      return;
    }
    this.#pong = undefined;
    this.pong(pong);
  }

  #accept(): Promise<void> {
    const { writeBufferSize } = this.#environment.settings;
    if (this.#pending <= writeBufferSize) return accepted;
    if (this.#outbox.size > 0) this.flush();
    // What the system took at once may be the last that it takes: others, and the news of this connection's end, get
    // their turn before more is accepted.
    if (this.#backlog <= writeBufferSize) this.#environment.runtime.later(() => this.#relieve());
    return this.#drained();
  }

  #drained(): Promise<void> {
    this.#drain ??= new Deferred();
    return this.#drain.promise;
  }

  #relieve(): void {
    if (this.#drain === undefined || this.#pending > this.#environment.settings.writeBufferSize) return;
    this.#drain.resolve();
    this.#drain = undefined;
  }

  #overflow(actual: number): Promise<void> {
    const { overflow, maxWriteBufferSize } = this.#environment.settings;
    const error = new LimitError({ limit: 'maxWriteBufferSize', max: maxWriteBufferSize, actual });
    if (overflow === 'close') this.#owner.failWith(1013, 'too slow', error);
    return refused(error);
  }

  #enqueueMessage(message: Outgoing, compress: boolean | undefined): Promise<void> {
    // Small messages may be changed once `send` has returned, so what waits is a copy.
    const kept =
      message instanceof Uint8Array && message.length < copyLimit ? new Uint8Array(message) : message;
    return this.#enqueue(this.#sizeOf(message), (done) => this.#begin(kept, compress, done));
  }

  /** Queues work; its promise resolves when the work was done and the peer keeps up. */
  #enqueue(size: number, work: (done: () => void) => void): Promise<void> {
    this.#queued += size;
    const ends = new Deferred();
    this.#queue.push({ work, size, ends });
    return ends.promise;
  }

  #settle(ends: Deferred): void {
    const room = this.#accept();
    if (room === accepted) ends.resolve();
    else
      room.then(
        () => ends.resolve(),
        (error: unknown) => ends.reject(error),
      );
  }

  /** Lets those that wait have their turn, as far as there is room. */
  #pump(): void {
    const { maxWriteBufferSize } = this.#environment.settings;
    for (let next = this.#queue.first; next !== undefined && !this.#busy; next = this.#queue.first) {
      if (this.#pending > 0 && this.#pending + next.size > maxWriteBufferSize) {
        this.flush();
        if (this.#backlog > 0 && this.#backlog + next.size > maxWriteBufferSize) return;
      }
      this.#queue.take();
      this.#queued -= next.size;
      this.#take(next);
    }
    if (!this.#busy && this.#closePayload !== undefined) this.#writeClose(this.#closePayload);
  }

  #take({ work, ends }: Waiting): void {
    work(() => this.#settle(ends));
    if (this.#busy) this.#holder = ends;
  }

  /** Ends a turn that took time. */
  #release(): void {
    this.#busy = false;
    this.#holder = undefined;
  }

  /** Encodes a message whose turn it is, by way of the extension if that wants it. */
  #begin(message: Outgoing, compress: boolean | undefined, done: (() => void) | undefined): void {
    this.#owner.sent();
    const { runtime } = this.#environment;
    const session = this.#session;
    const first = fin | opcodeOf(message);
    if (session === undefined || message instanceof Prepared || !session.wants(message.length, compress)) {
      this.#encode(first, message);
      this.#schedule();
      done?.();
      return;
    }
    this.#busy = true;
    let bytes: Uint8Array;
    if (typeof message === 'string') {
      bytes = runtime.allocate(runtime.byteLength(message));
      runtime.writeUtf8(message, bytes, 0);
    } else {
      bytes = message;
    }
    let late = false;
    session.outbound(bytes, (payload) => {
      this.#release();
      if (this.#over !== undefined) return;
      this.#outbox.bytes(first | session.rsv, payload);
      this.#schedule();
      done?.();
      if (late) this.#pump();
    });
    late = true;
  }

  #encode(first: number, message: Outgoing): number {
    if (typeof message === 'string') return this.#outbox.text(first, message);
    if (message instanceof Prepared) {
      return this.#environment.role.nextMaskKey === undefined
        ? this.#outbox.frame(message.frame)
        : this.#outbox.bytes(first, message.payload);
    }
    return this.#outbox.bytes(first, message);
  }

  async #runStream(
    chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  ): Promise<void> {
    const fragments = new Fragments();
    try {
      for await (const chunk of chunks) {
        if (this.#over !== undefined) throw new ClosedError(this.#over);
        const payload = fragments.payload(chunk);
        this.#fragment(fragments.opcode(), payload);
        await this.#accept();
      }
      if (this.#over !== undefined) throw new ClosedError(this.#over);
      this.#fragment(fin | fragments.opcode(), fragments.rest);
    } catch (error) {
      // A message that stops half-way can not be finished: the peer must not take it for whole.
      if (fragments.started && this.#over === undefined) {
        const cause = error instanceof Error ? error : new Error(String(error));
        // Whoever sent it is told this error, not that the connection is over because of it.
        this.#holder = undefined;
        this.#owner.failWith(1011, 'a message could not be finished', cause);
      }
      throw error;
    } finally {
      this.#release();
      if (this.#over === undefined) this.#pump();
    }
    await this.#accept();
  }

  #fragment(first: number, piece: string | Uint8Array): void {
    this.#owner.sent();
    if (typeof piece === 'string') this.#outbox.text(first, piece);
    else this.#outbox.bytes(first, piece);
    this.#schedule();
  }

  #writeClose(payload: Uint8Array): void {
    this.#closePayload = undefined;
    this.#outbox.bytes(fin | opcodes.close, payload);
    this.flush();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#environment.runtime.defer(this);
  }
}

const opcodeOf = (message: Outgoing): number =>
  typeof message === 'string' ? opcodes.text : message instanceof Prepared ? message.opcode : opcodes.binary;
