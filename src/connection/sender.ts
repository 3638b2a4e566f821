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
import { ClosedError, errorOf } from './errors.ts';
import { type FragmentTarget, sendFragments } from './fragments.ts';
import { copyLimit, type Outbox } from './outbox.ts';
import type { ByteTransport } from './port.ts';
import { Prepared } from './prepared.ts';
import { Deferred, refused } from './promises.ts';
import type { Closure } from './types.ts';
import { type Waiting, WaitingLine } from './waiting-line.ts';

const fin = 0x80;
/** The promise of every message that is accepted at once. */
const accepted = Promise.resolve();

/** What the sender asks and tells the protocol, and uses of it. */
export interface SenderOwner {
  readonly environment: Environment;
  readonly transport: ByteTransport;
  readonly closing: boolean;
  closureSoFar(): Closure;
  sent(): void;
  progressed(): void;
  failWith(code: number, reason: string, cause: Error): void;
  close(payload: Uint8Array, code: number, reason: string, cause?: Error): void;
}

/** One message, as it may be given to `send`. */
export type Outgoing = string | Uint8Array | Prepared;

export class Sender implements FragmentTarget {
  /** The negotiated extension's, if there is one. */
  readonly session: ExtensionSession | undefined;

  readonly #owner: SenderOwner;
  /** Lent for as long as something waits for the next write. */
  #outbox: Outbox | undefined;
  /** Bytes in the transport, as of the last write or drain. */
  #backlog = 0;
  #scheduled = false;
  /** A streamed message or an extension holds the turn. */
  #busy = false;
  #line: WaitingLine | undefined;
  #over: Closure | undefined;

  constructor(owner: SenderOwner, session: ExtensionSession | undefined) {
    this.#owner = owner;
    this.session = session;
  }

  /** Bytes that wait: not written yet, and written but not taken by the system. */
  get bufferedAmount(): number {
    return this.#collected + this.#queued + (this.#backlog === 0 ? 0 : this.#owner.transport.bufferedAmount);
  }

  /** Bytes that leave with the next write. */
  get #collected(): number {
    return this.#outbox === undefined ? 0 : this.#outbox.size;
  }

  get #pending(): number {
    return this.#collected + this.#backlog;
  }

  /** Bytes of messages that wait for their turn. */
  get #queued(): number {
    return this.#line === undefined ? 0 : this.#line.size;
  }

  /** Whether nobody has the turn or waits for it. */
  get #idle(): boolean {
    return !this.#busy && (this.#line === undefined || this.#line.length === 0);
  }

  #lend(): Outbox {
    this.#outbox ??= this.#owner.environment.takeOutbox();
    return this.#outbox;
  }

  #waiting(): WaitingLine {
    this.#line ??= new WaitingLine();
    return this.#line;
  }

  #sizeOf(message: Outgoing): number {
    return typeof message === 'string' ? this.#owner.environment.runtime.byteLength(message) : message.length;
  }

  /** Bytes that would wait with this message, if they are more than `maxWriteBufferSize` allows; else 0. */
  #excess(message: Outgoing): number {
    const { maxWriteBufferSize } = this.#owner.environment.settings;
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
    const excess = this.#excess(message);
    // Asked last: a stream may answer within a write, and that may be the end.
    if (this.#owner.closing) return refused(new ClosedError(this.#owner.closureSoFar()));
    if (excess > 0 && this.#owner.environment.settings.overflow !== 'wait') return this.#overflow(excess);
    if (excess > 0 || !this.#idle) return this.#enqueueMessage(message, compress);
    this.#begin(message, compress, undefined);
    return this.#busy ? this.#enqueue(0, (done) => done()) : this.#accept();
  }

  /** Adds a message to the next write without asking for one. @returns the bytes of its frame */
  write(message: Outgoing): number {
    const { maxWriteBufferSize, writeBufferSize } = this.#owner.environment.settings;
    const excess = this.#excess(message);
    if (this.#owner.closing) throw new ClosedError(this.#owner.closureSoFar());
    if (excess > 0) {
      throw new LimitError({ limit: 'maxWriteBufferSize', max: maxWriteBufferSize, actual: excess });
    }
    if (!this.#idle) {
      void this.#enqueueMessage(message, false);
      return this.#sizeOf(message);
    }
    const size = this.#encode(fin | opcodeOf(message), message);
    this.#owner.sent();
    if (this.#collected >= writeBufferSize) this.flush();
    return size;
  }

  /** Writes what waits, now. Resolves when fewer than `writeBufferSize` bytes wait. */
  flushed(): Promise<void> {
    this.flush();
    if (this.#over !== undefined) return refused(new ClosedError(this.#over));
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
    else this.#waiting().push({ work, size: 0, ends });
    return ends.promise;
  }

  ping(payload: Uint8Array): void {
    this.#lend().bytes(fin | opcodes.ping, payload);
    this.#schedule();
  }

  /** Answers a ping: at once, or with the newest one only while the peer is slow to take what we write (§5.5.3). */
  pong(payload: Uint8Array): void {
    if (this.#pending > this.#owner.environment.settings.writeBufferSize) {
      this.#waiting().pong = new Uint8Array(payload);
      return;
    }
    this.#lend().bytes(fin | opcodes.pong, payload);
    this.#schedule();
  }

  /** Sends a Close behind everything that waits. */
  close(payload: Uint8Array): void {
    if (this.#idle) this.#writeClose(payload);
    else this.#waiting().close = payload;
  }

  /** Sends a Close before everything that waits. */
  closeNow(payload: Uint8Array): void {
    this.#writeClose(payload);
  }

  /** No more is sent; what waits is told so. */
  over(closure: Closure): void {
    const close = this.#line?.close;
    if (close !== undefined) this.#writeClose(close);
    this.flush();
    this.#over = closure;
    this.#drop();
    this.#line?.refuse(() => new ClosedError(closure));
  }

  /** Gives the outbox back, with what is still in it. */
  #drop(): void {
    const outbox = this.#outbox;
    if (outbox === undefined) return;
    this.#outbox = undefined;
    outbox.clear();
    this.#owner.environment.returnOutbox(outbox);
  }

  /** Called at the end of the turn. */
  flush(): void {
    this.#scheduled = false;
    const outbox = this.#outbox;
    if (outbox === undefined || this.#over !== undefined) return;
    this.#outbox = undefined;
    try {
      outbox.flush(this.#owner.transport);
    } catch {
      // Whoever else writes in this turn is not to suffer.
    }
    if (outbox.torn) {
      this.#outbox = outbox;
      this.#dropTransport();
      return;
    }
    this.#owner.environment.returnOutbox(outbox);
    this.#backlog = this.#owner.transport.bufferedAmount;
    this.#answerPing();
  }

  /** In a turn of its own: where the stack is full, it would stop halfway. */
  #dropTransport(): void {
    this.#owner.environment.runtime.later(() => this.#owner.transport.destroy());
  }

  /** The transport has taken bytes that waited. */
  drained(): void {
    this.#backlog = this.#owner.transport.bufferedAmount;
    this.#owner.progressed();
    if (this.#over !== undefined) return;
    this.#answerPing();
    this.#pump();
    this.#relieve();
  }

  /** Sends the Pong that had to wait, or has it go on waiting. */
  #answerPing(): void {
    const line = this.#line;
    if (line?.pong === undefined || this.#owner.closing) return;
    const { pong } = line;
    line.pong = undefined;
    this.pong(pong);
  }

  #accept(): Promise<void> {
    const { writeBufferSize } = this.#owner.environment.settings;
    if (this.#pending <= writeBufferSize) return accepted;
    this.flush();
    if (this.#over !== undefined) return refused(new ClosedError(this.#over));
    // What the system took at once may be the last that it takes: others, and the news of this connection's end, get
    // their turn before more is accepted.
    if (this.#backlog <= writeBufferSize) this.#owner.environment.runtime.later(() => this.#relieve());
    return this.#waiting().room();
  }

  #relieve(): void {
    if (this.#pending <= this.#owner.environment.settings.writeBufferSize) this.#line?.relieve();
  }

  #overflow(actual: number): Promise<void> {
    const { overflow, maxWriteBufferSize } = this.#owner.environment.settings;
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
    const ends = new Deferred();
    this.#waiting().push({ work, size, ends });
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
    const line = this.#line;
    if (line === undefined) return;
    const { maxWriteBufferSize } = this.#owner.environment.settings;
    for (let next = line.first; next !== undefined && !this.#busy; next = line.first) {
      if (this.#pending > 0 && this.#pending + next.size > maxWriteBufferSize) {
        this.flush();
        if (this.#over !== undefined) return;
        if (this.#backlog > 0 && this.#backlog + next.size > maxWriteBufferSize) return;
      }
      line.take();
      this.#take(next);
    }
    if (!this.#busy && line.close !== undefined) this.#writeClose(line.close);
  }

  #take({ work, ends }: Waiting): void {
    work(() => this.#settle(ends));
    if (this.#busy) this.#waiting().holder = ends;
  }

  /** Ends a turn that took time. */
  #release(): void {
    this.#busy = false;
    if (this.#line !== undefined) this.#line.holder = undefined;
  }

  /** Encodes a message whose turn it is, by way of the extension if that wants it. */
  #begin(message: Outgoing, compress: boolean | undefined, done: (() => void) | undefined): void {
    this.#owner.sent();
    const { runtime } = this.#owner.environment;
    const session = this.session;
    const first = fin | opcodeOf(message);
    if (session === undefined || message instanceof Prepared || !session.wants(message.length, compress)) {
      this.#encode(first, message);
      this.#schedule();
      done?.();
      return;
    }
    const made = session.outboundNow?.(message);
    if (made !== undefined) {
      const { buffer, byteOffset } = made.bytes;
      const payload = new Uint8Array(buffer, byteOffset + made.start, made.end - made.start);
      // What is lent is short, and copied here.
      this.#lend().bytes(first | session.rsv, payload);
      made.taken = true;
      this.#schedule();
      done?.();
      return;
    }
    let bytes: Uint8Array;
    if (typeof message === 'string') {
      bytes = runtime.allocate(runtime.byteLength(message));
      runtime.writeUtf8(message, bytes, 0);
    } else {
      bytes = message;
    }
    let late = false;
    let answered = false;
    session.outbound(bytes, (payload) => {
      answered = true;
      if (late) this.#release();
      if (this.#over !== undefined) return;
      this.#lend().bytes(first | session.rsv, payload);
      this.#schedule();
      done?.();
      if (late) this.#pump();
    });
    late = true;
    // Not before: an error out of the extension must not leave the turn to nobody.
    if (!answered) this.#busy = true;
  }

  #encode(first: number, message: Outgoing): number {
    const outbox = this.#lend();
    if (typeof message === 'string') return outbox.text(first, message);
    if (message instanceof Prepared) {
      return this.#owner.environment.role.nextMaskKey === undefined
        ? outbox.frame(message.frame)
        : outbox.bytes(first, message.payload);
    }
    return outbox.bytes(first, message);
  }

  async #runStream(
    chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  ): Promise<void> {
    try {
      await sendFragments(chunks, this);
    } finally {
      this.#release();
      if (this.#over === undefined) this.#pump();
    }
    await this.#accept();
  }

  mustBeOpen(): void {
    if (this.#over !== undefined) throw new ClosedError(this.#over);
  }

  fragment(first: number, piece: string | Uint8Array): Promise<void> {
    this.#owner.sent();
    if (typeof piece === 'string') this.#lend().text(first, piece);
    else this.#lend().bytes(first, piece);
    this.#schedule();
    return this.#accept();
  }

  brokeOff(error: unknown): void {
    if (this.#over !== undefined) return;
    // Whoever sent it is told this error, not that the connection is over because of it.
    this.#waiting().holder = undefined;
    this.#owner.failWith(1011, 'a message could not be finished', errorOf(error));
  }

  #writeClose(payload: Uint8Array): void {
    if (this.#line !== undefined) this.#line.close = undefined;
    this.#lend().bytes(fin | opcodes.close, payload);
    this.flush();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#owner.environment.runtime.defer(this);
    // Last: an error that cuts this off must not leave what waits without a flush.
    this.#scheduled = true;
  }
}

const opcodeOf = (message: Outgoing): number =>
  typeof message === 'string' ? opcodes.text : message instanceof Prepared ? message.opcode : opcodes.binary;
