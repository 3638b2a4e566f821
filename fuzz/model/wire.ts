/**
 * One end of a wire in memory that can be cut into small segments, held up, broken, or made to swallow everything.
 *
 * The rule of this file: it keeps every byte that it was given and every byte that it handed on, because those, and
 * not what the engine says of them, are what a run is judged by.
 */
import type { ByteTransport, TransportListener } from '../../src/connection/port.ts';
import { sharedRegion } from '../../src/transport/shared-read.ts';

export class FaultyWire implements ByteTransport {
  /** What the engine wrote, in order; injected bytes are not among it. */
  readonly written: Uint8Array[] = [];
  /** What the engine was handed, in order. */
  readonly delivered: Uint8Array[] = [];
  deliveredBytes = 0;
  /** Bytes per segment; 0 leaves chunks whole. */
  segment = 0;
  /** Whether the engine asked for no more. */
  paused = false;
  /** Whether the engine ended its side, or dropped both. */
  ended = false;
  destroyed = false;
  /** Writes behind the end; there must be none. */
  lateWrites = 0;
  /** Whether the engine was told that all is over. */
  closed = false;

  readonly #inner: ByteTransport;
  readonly #lends: boolean;
  #listener: TransportListener | undefined;
  #pieces: Uint8Array[] = [];
  #stalled = false;
  #swallows = false;
  #peerEnded = false;
  #over = false;
  #error: Error | undefined;
  #delivering = false;

  /** @param lends whether chunks are lent, as a socket's are, or given away, as other streams' are */
  constructor(inner: ByteTransport, lends: boolean) {
    this.#inner = inner;
    this.#lends = lends;
  }

  // ---- the engine's side -----------------------------------------------------------------------------------------

  get bufferedAmount(): number {
    return this.#swallows ? 0 : this.#inner.bufferedAmount;
  }

  attach(listener: TransportListener): void {
    this.#listener = listener;
    this.#inner.attach({
      data: (chunk) => this.#arrived(chunk),
      lent: ({ bytes }, size) => this.#arrived(bytes.subarray(0, size)),
      drained: () => {
        if (!this.closed) listener.drained();
      },
      ended: () => {
        this.#peerEnded = !this.#swallows;
        this.#deliver();
      },
      closed: () => this.#closed(),
    });
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.destroyed || this.#over) return false;
    if (this.ended) this.lateWrites += 1;
    for (const part of parts) this.written.push(Uint8Array.from(part));
    if (!this.#swallows) return this.#inner.write(parts);
    setImmediate(() => {
      if (!this.closed) this.#listener?.drained();
    });
    return true;
  }

  pause(): void {
    this.paused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.paused = false;
    this.#wake();
  }

  end(): void {
    this.ended = true;
    if (!this.#swallows) this.#inner.end();
  }

  destroy(): void {
    this.ended = true;
    this.destroyed = true;
    this.#pieces = [];
    this.paused = false;
    if (this.#swallows) setImmediate(() => this.#closed());
    else this.#inner.destroy();
  }

  // ---- the other side, in the hands of a run ---------------------------------------------------------------------

  /** Sends bytes to the other end as if the engine had written them. */
  inject(bytes: Uint8Array): void {
    if (!this.ended && !this.#swallows && !this.#over) this.#inner.write([bytes]);
  }

  /** Holds back what arrives from now on. */
  stall(): void {
    this.#stalled = true;
    this.#inner.pause();
  }

  flow(): void {
    this.#stalled = false;
    this.#wake();
  }

  /** From now on nothing leaves and nothing arrives, and nobody is told. */
  swallow(): void {
    this.#swallows = true;
    this.#pieces = [];
  }

  /** Ends this side without the engine's knowing. */
  cut(): void {
    if (!this.#swallows) this.#inner.end();
  }

  /** The transport is gone, with an error. */
  reset(): void {
    if (this.#swallows || this.#over) return;
    this.#error = new Error('read ECONNRESET');
    this.#pieces = [];
    this.#stalled = false;
    this.#inner.destroy();
  }

  /** Whether what arrives is held back. */
  get stalled(): boolean {
    return this.#stalled;
  }

  #arrived(chunk: Uint8Array): void {
    if (this.#swallows || this.destroyed) return;
    const size = this.segment === 0 ? Math.max(1, chunk.length) : this.segment;
    for (let at = 0; at < chunk.length; at += size) {
      this.#pieces.push(Uint8Array.from(chunk.subarray(at, at + size)));
    }
    this.#deliver();
  }

  #wake(): void {
    setImmediate(() => {
      this.#deliver();
      if (!this.paused && !this.#stalled && this.#pieces.length === 0) this.#inner.resume();
    });
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    while (!this.paused && !this.#stalled) {
      const piece = this.#pieces.shift();
      if (piece === undefined) break;
      // The engine changes the piece in place; kept is what it was.
      this.delivered.push(Uint8Array.from(piece));
      this.deliveredBytes += piece.length;
      if (this.#lends) this.#lend(piece);
      else this.#listener?.data(piece);
    }
    this.#delivering = false;
    if (this.#pieces.length > 0) return;
    if (this.#peerEnded && !this.paused && !this.#stalled) {
      this.#peerEnded = false;
      this.#listener?.ended();
    }
    if (this.#over) this.#report();
  }

  /** Whoever keeps what was lent finds something else there afterwards. */
  #lend(piece: Uint8Array): void {
    const region = sharedRegion();
    for (let at = 0; at < piece.length; at += region.bytes.length) {
      const part = piece.subarray(at, at + region.bytes.length);
      region.bytes.set(part);
      this.#listener?.lent(region, part.length);
      region.bytes.fill(0x5a, 0, part.length);
    }
  }

  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#deliver();
  }

  #report(): void {
    if (this.closed) return;
    this.closed = true;
    this.#listener?.closed(this.#error);
  }
}
