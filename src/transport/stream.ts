/**
 * Any Node Duplex as a byte transport: a `net` or TLS socket, the socket of an http upgrade, a pipe.
 *
 * The rule of this file: a stream's errors end in `closed`, never in an uncaught exception; listeners are shared
 * functions, not closures per connection.
 */
import type { Duplex } from 'node:stream';
import type { ByteTransport, TransportListener } from '../connection/port.ts';

const transportOf = Symbol('framewright.transport');

interface Carrier extends Duplex {
  [transportOf]?: StreamTransport;
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
  /** Whether writing copies the bytes into the system. A stream in JavaScript may hand on the very same memory. */
  readonly #copies: boolean;

  /**
   * @param stream open, with nobody reading from it
   * @param first bytes that were read from it already
   */
  constructor(stream: Duplex, first?: Uint8Array) {
    this.#stream = stream;
    this.#copies = 'setNoDelay' in stream;
    this.#first = first !== undefined && first.length > 0 ? first : undefined;
    this.#stream[transportOf] = this;
    stream.on('error', onError);
    stream.on('close', onClose);
  }

  get bufferedAmount(): number {
    return this.#stream.writableLength;
  }

  attach(listener: TransportListener): void {
    const stream = this.#stream;
    this.#listener = listener;
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) listener.data(first);
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
    stream.on('data', onData);
    stream.on('end', onEnd);
    if (this.#paused) stream.pause();
    else stream.resume();
  }

  write(parts: readonly Uint8Array[]): boolean {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return false;
    this.#written ??= () => {
      if (this.#stream.writableLength === 0) this.#listener?.drained();
    };
    const last = parts.length - 1;
    if (last === 0) {
      stream.write(parts[0], this.#written);
    } else {
      stream.cork();
      for (let index = 0; index < last; index += 1) stream.write(parts[index]);
      stream.write(parts[last], this.#written);
      stream.uncork();
    }
    return this.#copies && stream.writableLength === 0;
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#listener !== undefined && this.#first === undefined) this.#stream.resume();
  }

  end(): void {
    if (!this.#stream.writableEnded && !this.#stream.destroyed) this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  static data(stream: Carrier, chunk: Uint8Array): void {
    const transport = stream[transportOf];
    if (transport !== undefined) transport.#listener?.data(transport.#copies ? chunk : Buffer.from(chunk));
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
    delete this.#stream[transportOf];
    listener.closed(this.#error);
  }
}

function onData(this: Duplex, chunk: Uint8Array): void {
  StreamTransport.data(this, chunk);
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
