/**
 * The words of the connection layer: messages, closures, and what a connection is configured with.
 *
 * The rule of this file: only shapes, no behaviour.
 */

/** A whole message: text as a string, binary as bytes (on Node a `Buffer`). */
export type Message = string | Uint8Array;

/** Anything that can be sent as one binary message. */
export type BinaryLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** How a connection ended. Every connection that opened has exactly one. */
export interface Closure {
  /** Close code of whoever closed first; 1005 for a Close without one, 1006 when the closing handshake is missing. */
  readonly code: number;
  readonly reason: string;
  /** Whether both Close frames travelled (RFC 6455 §7.1.4). */
  readonly clean: boolean;
  /** Who ended it: this endpoint, the peer, or the transport under both. */
  readonly by: 'us' | 'peer' | 'transport';
  /** Why, when an error was the reason. */
  readonly cause?: Error;
}

/** What happens to a message that would put more than `maxWriteBufferSize` bytes in the way of a slow peer. */
export type Overflow = 'wait' | 'error' | 'close';

/** Limits and deadlines of one connection, all resolved: sizes in bytes, times in milliseconds (`Infinity` = never). */
export interface ConnectionSettings {
  readonly maxFrameSize: number;
  readonly maxMessageSize: number;
  readonly maxFragments: number;
  readonly acceptUnmaskedFrames: boolean;
  /** High-water mark: `send` resolves at once while fewer bytes than this wait to be written. */
  readonly writeBufferSize: number;
  readonly maxWriteBufferSize: number;
  readonly overflow: Overflow;
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly idleTimeout: number;
  readonly sessionTimeout: number;
  readonly closeTimeout: number;
}

/** A role as values (RFC 6455 §5.1, §7.1.1): nothing in this layer asks which one it has. */
export interface Role {
  /** Whether the peer masks its frames. */
  readonly peerMasks: boolean;
  /** Whether this endpoint ends the transport first after the closing handshake. */
  readonly closesTransport: boolean;
  /** Draws a fresh masking key, or undefined when this endpoint does not mask. */
  readonly nextMaskKey: (() => number) | undefined;
}
