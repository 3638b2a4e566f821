/**
 * The two ports of this layer: the byte transport below it, and the machine around it.
 *
 * The rule of this file: this layer imports nothing from a platform; whoever makes a connection hands these in.
 */
import type { Region } from '../frame/region.ts';
import type { EncodedText } from './encoded-text.ts';
import type { InflatedMemory } from './inflated.ts';

export type { Region } from '../frame/region.ts';

/** Takes what a transport reports. */
export interface TransportListener {
  /** Bytes came. The chunk is the listener's: it is changed in place and may be kept. */
  data(chunk: Uint8Array): void;
  /** Bytes came, in memory that is lent for the call: `region.bytes[0, size)`, changed in place, never kept. */
  lent(region: Region, size: number): void;
  /** Comes in a later turn than a `write` that left bytes waiting, once none of them wait any more. */
  drained(): void;
  /** The peer ended its side (FIN). */
  ended(): void;
  /** Both sides are over. Comes exactly once, last. */
  closed(error?: Error): void;
}

/** A duplex carrier of bytes. No method throws. */
export interface ByteTransport {
  /** Begins to report; nothing that came before is lost. */
  attach(listener: TransportListener): void;
  /** Writes all parts as one. @returns whether the bytes were consumed before the call returned, so may be reused */
  write(parts: readonly Uint8Array[]): boolean;
  /** Bytes accepted by `write` that the system has not taken yet. */
  readonly bufferedAmount: number;
  pause(): void;
  resume(): void;
  /** Ends this side after what was written (FIN). */
  end(): void;
  /** Drops both sides at once. */
  destroy(): void;
}

/** What this layer needs from the machine: text and bytes at native speed, memory, time. */
export interface Runtime {
  isUtf8(bytes: Uint8Array): boolean;
  /** Decodes bytes that are known to be UTF-8. */
  decodeUtf8(bytes: Uint8Array, start: number, end: number): string;
  /** Decodes bytes one by one, each as the unit of the same number. */
  decodeLatin1(bytes: Uint8Array, start: number, end: number): string;
  /** UTF-8 size of a string in bytes. */
  byteLength(text: string): number;
  /** Writes a string as UTF-8 at an offset that has room for it. @returns the bytes written */
  writeUtf8(text: string, target: Uint8Array, at: number): number;
  /** UTF-8 of a string that may be large. The caller is one of its users and does not change it. */
  encodeLarge(text: string): EncodedText;
  /** Tells the UTF-8 of a text that came, which may be sent on in this turn. Who tells it ceases to be its user. */
  remember(text: string, encoded: EncodedText): void;
  /** Memory with arbitrary content, in the platform's own type for binary messages. */
  allocate(size: number): Uint8Array;
  /** A view in the platform's own type for binary messages. */
  view(bytes: Uint8Array, start: number, end: number): Uint8Array;
  /** A copy in the platform's own type for binary messages. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array;
  /** Memory that is masked faster than any other, when it is free: undefined while a chunk in it is being read. */
  borrow(): Region | undefined;
  /** Runs `flush` on the target once the current turn's work is done. */
  defer(target: { flush(): void }): void;
  /** Runs `act` in a later turn, when handlers that this turn has woken have run. */
  later(act: () => void): void;
  /** Whether decoding has had its share of the current turn; a newcomer also waits for those in line. */
  isSpent(newcomer: boolean): boolean;
  /** Runs `act` in a later turn, behind those who are in line already. */
  getInLine(act: () => void): void;
  /** Lends memory for output of at least `size` bytes; `release` takes it back. */
  takeSlab(size: number): Uint8Array;
  releaseSlab(slab: Uint8Array): void;
  /** What all connections have of inflated messages. */
  readonly inflated: InflatedMemory;
  /** Monotonic time in milliseconds, as coarse as the deadlines. */
  now(): number;
  /** Monotonic time in milliseconds, fine enough for a round trip. */
  preciseNow(): number;
}
