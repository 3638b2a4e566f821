/**
 * The seam between the protocol core and an extension (RFC 6455 §9).
 *
 * Two halves. Negotiation knows client and server; the session that comes out of it knows own and peer only. The
 * core knows RSV bits and whole message payloads, never an extension's name or how it works.
 */
import type { ViolationName } from '../frame/violations.ts';

/** One extension with its parameters, as an offer or an answer of the Sec-WebSocket-Extensions header (§9.1). */
export interface ExtensionOffer {
  readonly name: string;
  /** In header order; `undefined` for a parameter without a value. Duplicates are kept, so that they can be judged. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

/** Called once per inbound message: either the violation, or the payload as the application gets it. */
export type InboundDone = (violation: ViolationName | undefined, payload: Uint8Array) => void;

/** Bytes that are lent, `bytes[start, end)`: good until the session, or another one, is called again. */
export interface LentBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Whether every one of them is known to be below 0x80. */
  readonly isAscii: boolean;
}

/** An outbound message's bytes, lent as {@link LentBytes} are. */
export interface LentMessage extends LentBytes {
  /**
   * False as they are lent. Whoever was lent them sets it once they are sure to leave; where an error cuts that off,
   * the peer never sees the message, and the session must not refer to it in any other.
   */
  taken: boolean;
}

/**
 * Called once per outbound message: the payload for the wire, whose first frame carries the session's RSV bit. When it
 * throws, the peer may never see the message, and the session must not refer to it in any other.
 */
export type OutboundDone = (payload: Uint8Array) => void;

/**
 * One connection's use of an extension.
 *
 * The core never has more than one inbound and one outbound call pending, so order is kept without the session's
 * help. `done` may be called before the call returns (the fast path) or later; after `dispose` it is not called.
 */
export interface ExtensionSession {
  /** The one bit of a frame's first byte that this session owns: 0x40 (RSV1), 0x20 (RSV2) or 0x10 (RSV3). */
  readonly rsv: 0x40 | 0x20 | 0x10;
  /**
   * Whether an outbound message is to be transformed.
   *
   * @param length bytes of the message
   * @param wish what the sender asked for this message (`compress`), undefined when nothing was asked
   */
  wants(length: number, wish: boolean | undefined): boolean;
  /**
   * Undoes the peer's transformation of one whole message (all its fragments joined). When it throws, what the peer's
   * next messages refer to may be lost: the connection cannot go on. The same holds for `inboundNow`.
   *
   * @param payload as received, unmasked; the session may not keep it after `done`
   * @param limit bytes that the result may have; one more is `messageTooBig`, found while working, not afterwards
   */
  inbound(payload: Uint8Array, limit: number, done: InboundDone): void;
  /**
   * The same as `inbound` at once, where a session has a short way for a message, `chunk[start, end)`. When it returns
   * `undefined`, nothing has happened, and `inbound` is to be called.
   */
  inboundNow?(chunk: Uint8Array, start: number, end: number, limit: number): LentBytes | undefined;
  /**
   * The same as `outbound` at once, of text or bytes, where a session has a short way for a message, and at most 8 KiB
   * come of it. When it returns `undefined`, nothing has happened, and `outbound` is to be called.
   */
  outboundNow?(message: string | Uint8Array): LentMessage | undefined;
  /** Transforms one whole message. `payload` must not change until `done`. */
  outbound(payload: Uint8Array, done: OutboundDone): void;
  /** Releases everything. Idempotent. Pending `done`s are dropped. */
  dispose(): void;
}

/** What a negotiation settled on: the answer for the header, and the session to make when the connection opens. */
export interface NegotiatedExtension {
  readonly answer: ExtensionOffer;
  createSession(): ExtensionSession;
}

/** An extension as an endpoint is configured with it. */
export interface Extension {
  /** The registered name that offers and answers carry. */
  readonly name: string;
  /** Client: the offers to send, best first. */
  offers(): readonly ExtensionOffer[];
  /**
   * Server: takes the first acceptable one of the client's offers with this name; `undefined` declines them all
   * (never an error: RFC 7692 §7.1 has a server decline what it cannot accept).
   */
  answer(offers: readonly ExtensionOffer[]): NegotiatedExtension | undefined;
  /** Client: judges the server's answer; `undefined` means it does not fit the offers, and the handshake fails. */
  confirm(answer: ExtensionOffer): NegotiatedExtension | undefined;
}
