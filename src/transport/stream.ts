/**
 * Any Node Duplex as a byte transport: a `net` or TLS socket, the socket of an http upgrade, a pipe.
 *
 * The rule of this file: a stream's errors end in `closed`, never in an uncaught exception; listeners are shared
 * functions, not closures per connection.
 */
import type { Duplex } from 'node:stream';
import type { ByteTransport, TransportListener } from '../connection/port.ts';
import { regionSize } from '../frame/region.ts';
import { isReading, readInto, sharedRegion } from './shared-read.ts';
import { hasNoQueue, type StraightWrite, straightWriteOf } from './straight-write.ts';

const transportOf = Symbol('framewright.transport');

const nothing = new Uint8Array();
/** Milliseconds that one stream may be read for in one turn, while each read fills the whole buffer. */
const longestBurst = 5;
/** The stream that such reads came from last, and since when. It is one after the other, so one record serves all. */
const burst: { of: StreamTransport | undefined; since: number } = { of: undefined, since: 0 };

interface Carrier extends Duplex {
  [transportOf]?: StreamTransport | undefined;
}

export class StreamTransport implements ByteTransport {
  readonly #stream: Carrier;
  #listener: TransportListener | undefined;
  #error: Error | undefined;
  #written: (() => void) | undefined;
  /** What came with or before the attaching, such as the `head` of an upgrade. */
  #first: Uint8Array | undefined;
  #ended = false;
  #paused = false;
  /** Reads nothing until the next turn, so that one peer who sends without pause does not hold the event loop. */
  #resting = false;
  /** Whether writing copies the bytes into the system. A stream in JavaScript may hand on the very same memory. */
  readonly #copies: boolean;

  /** Whether the stream may be read into the buffer of all sockets. */
  readonly #shares: boolean;
  /** The way past the stream's queue, if there is one, and the bytes that are on it. */
  readonly #straightWrite: StraightWrite | undefined;
  #straight = 0;

  /**
   * @param stream open, with nobody reading from it
   * @param first bytes that were read from it already
   * @param shares false keeps to the documented 'data' events, and to `write`. Default true
   */
  constructor(stream: Duplex, first?: Uint8Array, shares = true) {
    this.#shares = shares;
    this.#stream = stream;
    this.#copies = 'setNoDelay' in stream;
    this.#straightWrite = shares ? straightWriteOf(stream) : undefined;
    this.#first = first !== undefined && first.length > 0 ? first : undefined;
    this.#stream[transportOf] = this;
    stream.on('error', onError);
    stream.on('close', onClose);
  }

  get bufferedAmount(): number {
    // Asked in this order: nearly always nothing waits, and whether a Duplex is destroyed is told by both of its halves.
    const waiting = this.#stream.writableLength + this.#straight;
    // What a dead stream still holds waits for nothing.
    return waiting === 0 || this.#stream.destroyed ? 0 : waiting;
  }

  /** Keeps bytes that were read already for whoever is attached next. */
  hold(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#first = bytes;
  }

  /** The second time it hands over from one listener to the next; the stream goes on as it is. */
  attach(listener: TransportListener): void {
    const stream = this.#stream;
    const handedOver = this.#listener !== undefined;
    this.#listener = listener;
    const first = this.#first;
    this.#first = undefined;
    const hasMore = !handedOver && !stream.destroyed && stream.readableLength > 0;
    const early = joined(first, hasMore ? stream.read() : null);
    if (early !== undefined) listener.data(early);
    if (handedOver) return;
    if (stream.destroyed) {
      // The stream died before anybody listened: its 'close' has come or will not come to us in order.
      queueMicrotask(() => this.#closed());
      return;
    }
    if (stream.readableEnded) {
      // Nor will its 'end' come again.
      queueMicrotask(() => StreamTransport.ended(stream));
      return;
    }
    const shared = this.#shares && readInto(stream, sharedRegion(), onRead);
    if (!shared) stream.on('data', onData);
    stream.on('end', onEnd);
    if (this.#paused) stream.pause();
    // A fresh socket reads by itself, and its 'end' waits for nobody: resuming would cost a tick and nothing else.
    else if (!shared || stream.readableFlowing !== null || !isReading(stream)) stream.resume();
  }

  write(parts: readonly Uint8Array[]): boolean {
    const stream = this.#stream;
    // Not `destroyed`, which asks the reading half too: in a broadcast that one is in nobody's cache.
    if (!stream.writable || this.#error !== undefined) return false;
    try {
      const [part] = parts;
      const write = this.#straightWrite;
      const lone = part !== undefined && parts.length === 1 && this.#straight === 0;
      if (lone && write !== undefined && hasNoQueue(stream)) return this.#writeStraight(write, part);
      return this.#writeAll(parts);
    } catch (error) {
      // A stream in JavaScript may throw where it should call back: whoever else writes in this turn is not to suffer.
      const reason = error instanceof Error ? error : new Error('the stream threw', { cause: error });
      this.#error ??= reason;
      // In a turn of its own: where the stack is full, it would stop halfway, and for good.
      setImmediate(destroy, stream, reason);
      return false;
    }
  }

  #writeAll(parts: readonly Uint8Array[]): boolean {
    const stream = this.#stream;
    const last = parts.length - 1;
    if (last > 0) stream.cork();
    for (let index = 0; index < last; index += 1) stream.write(parts[index]);
    if (this.#copies) {
      stream.write(parts[last]);
      if (last > 0) stream.uncork();
      if (stream.writableLength === 0) return true;
      // Nobody needs to be told of what went at once, so only what waits gets a callback: behind nothing at all.
      stream.write(nothing, this.#whenWritten());
    } else {
      stream.write(parts[last], this.#whenWritten());
      if (last > 0) stream.uncork();
    }
    return false;
  }

  /** For a lone chunk the bookkeeping of the stream's queue would cost as much as all else that a broadcast does. */
  #writeStraight(write: StraightWrite, chunk: Uint8Array): boolean {
    const stream = this.#stream;
    let late = false;
    this.#straight = chunk.length;
    write.call(stream, chunk, 'buffer', (error) => {
      this.#straight = 0;
      if (error instanceof Error) stream.destroy(error);
      else if (late) this.#tellDrained();
    });
    late = true;
    return this.#straight === 0;
  }

  #whenWritten(): () => void {
    this.#written ??= () => this.#tellDrained();
    return this.#written;
  }

  #tellDrained(): void {
    if (this.#stream.writableLength + this.#straight === 0) this.#listener?.drained();
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#listener !== undefined && this.#first === undefined && !this.#resting) this.#stream.resume();
  }

  end(): void {
    if (!this.#stream.writableEnded && !this.#stream.destroyed) this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  static data(stream: Carrier, chunk: Uint8Array): void {
    const transport = stream[transportOf];
    if (transport === undefined) return;
    transport.#listener?.data(transport.#copies ? chunk : Buffer.from(chunk));
    if (transport.#mustRest(chunk.length)) stream.pause();
  }

  /** @returns whether to read on: a pause that came before the reading had begun does not stop it by itself */
  static lent(stream: Carrier, size: number): boolean {
    const transport = stream[transportOf];
    if (transport === undefined) return true;
    const region = sharedRegion();
    region.busy = true;
    try {
      transport.#listener?.lent(region, size);
    } finally {
      region.busy = false;
    }
    return !transport.#mustRest(size) && !transport.#paused;
  }

  /**
   * Whether others have their turn now. Behind a full read the system has more, and libuv reads up to 32 times in a
   * row; how long that takes is a matter of what the bytes are.
   */
  #mustRest(size: number): boolean {
    if (size < regionSize) {
      burst.of = undefined;
      return false;
    }
    const now = performance.now();
    if (burst.of !== this) {
      burst.of = this;
      burst.since = now;
      return false;
    }
    if (now - burst.since < longestBurst) return false;
    burst.of = undefined;
    this.#resting = true;
    setImmediate(StreamTransport.#rested, this);
    return true;
  }

  static #rested(transport: StreamTransport): void {
    transport.#resting = false;
    if (!transport.#paused) transport.resume();
  }

  static ended(stream: Carrier): void {
    const transport = stream[transportOf];
    if (transport === undefined || transport.#ended) return;
    transport.#ended = true;
    transport.#listener?.ended();
  }

  static failed(stream: Carrier, error: Error): void {
    const transport = stream[transportOf];
    if (transport !== undefined) transport.#error ??= error;
  }

  static closed(stream: Carrier): void {
    const transport = stream[transportOf];
    if (transport !== undefined) transport.#closed();
  }

  #closed(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#listener = undefined;
    if (burst.of === this) burst.of = undefined;
    // Not deleted: that gives every socket a hidden class of its own, and makes Node's stream code slow for all of them.
    this.#stream[transportOf] = undefined;
    listener.closed(this.#error);
  }
}

/**
 * Both as one chunk: reported one right after the other, there would be no time to answer what stands in the first. What
 * waits is copied, for a stream in JavaScript may hand on memory that its writer still has.
 */
function joined(first: Uint8Array | undefined, waiting: unknown): Uint8Array | undefined {
  if (!(waiting instanceof Uint8Array)) return first;
  return Buffer.concat(first === undefined ? [waiting] : [first, waiting]);
}

function destroy(stream: Duplex, reason: Error): void {
  stream.destroy(reason);
}

function onData(this: Duplex, chunk: Uint8Array): void {
  StreamTransport.data(this, chunk);
}

function onRead(this: Duplex, size: number): boolean {
  return StreamTransport.lent(this, size);
}

function onEnd(this: Duplex): void {
  StreamTransport.ended(this);
}

function onError(this: Duplex, error: Error): void {
  StreamTransport.failed(this, error);
}

function onClose(this: Duplex): void {
  StreamTransport.closed(this);
}
