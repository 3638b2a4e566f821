/**
 * Two transports joined in memory: what one writes, the other receives, a turn later.
 *
 * The rule of this file: bytes are copied on the way, because the receiver unmasks them in place; and a paused
 * receiver makes the sender's bytes wait, as a socket would.
 */
import type { ByteTransport, TransportListener } from '../connection/port.ts';

class MemoryTransport implements ByteTransport {
  other: MemoryTransport | undefined;
  #listener: TransportListener | undefined;
  #arrived: Uint8Array[] = [];
  #paused = false;
  #scheduled = false;
  #ended = false;
  #otherEnded = false;
  #endReported = false;
  #destroyed = false;
  #over = false;

  get bufferedAmount(): number {
    return this.other?.waiting ?? 0;
  }

  /** Bytes that arrived and were not taken. */
  get waiting(): number {
    return this.#arrived.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  attach(listener: TransportListener): void {
    this.#listener = listener;
    this.#schedule();
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (!this.#ended && !this.#over) this.other?.receive(parts);
    return true;
  }

  receive(parts: readonly Uint8Array[]): void {
    if (this.#destroyed) return;
    for (const part of parts) this.#arrived.push(Buffer.from(part));
    this.#schedule();
  }

  pause(): void {
    this.#paused = !this.#destroyed;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.other?.endReceived();
    this.#schedule();
  }

  endReceived(): void {
    this.#otherEnded = true;
    this.#schedule();
  }

  destroy(): void {
    if (this.#destroyed || this.#over) return;
    this.#destroyed = true;
    this.#paused = false;
    this.#ended = true;
    this.#otherEnded = true;
    this.#arrived = [];
    this.#endReported = true;
    this.other?.endReceived();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#listener === undefined) return;
    this.#scheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    const listener = this.#listener;
    if (listener === undefined || this.#over) return;
    if (!this.#paused && this.#arrived.length > 0) {
      // As one chunk: between two there would be no time to answer what stands in the first.
      const arrived = Buffer.concat(this.#arrived);
      this.#arrived = [];
      listener.data(arrived);
      this.other?.taken();
    }
    if (this.#paused || this.#arrived.length > 0) return;
    if (this.#otherEnded && !this.#endReported) {
      this.#endReported = true;
      listener.ended();
    }
    if (this.#otherEnded && this.#ended) {
      this.#over = true;
      listener.closed();
    }
  }

  taken(): void {
    if (this.bufferedAmount === 0 && !this.#over) this.#listener?.drained();
  }
}

/** Two joined transports. */
export function createTransportPair(): [ByteTransport, ByteTransport] {
  const one = new MemoryTransport();
  const two = new MemoryTransport();
  one.other = two;
  two.other = one;
  return [one, two];
}
