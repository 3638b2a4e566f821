/**
 * Errors that the codec can name: the base of all the library's errors, a peer's violation, and a crossed limit.
 *
 * The rule of this file: the type says who is at fault, the literal `code` is stable, and `cause` is kept.
 */
import { type Violation, type ViolationName, violations } from './violations.ts';

/** Base of every error this library makes. `code` is a stable literal to switch on. */
export abstract class WebSocketError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The peer broke a rule of the protocol; the connection fails with `closeCode` (RFC 6455 §7.1.7). */
export class ProtocolError extends WebSocketError {
  readonly code = 'ERR_WS_PROTOCOL';
  /** Which rule; a key of the violation table. */
  readonly violation: ViolationName;
  /** Close code the peer was told. */
  readonly closeCode: Violation['closeCode'];
  /** Section that was broken, such as `RFC 6455 §5.2`. */
  readonly rfc: string;

  constructor(violation: ViolationName, options?: ErrorOptions) {
    const { closeCode, rfc, text } = violations[violation];
    super(`${text} (${rfc})`, options);
    this.violation = violation;
    this.closeCode = closeCode;
    this.rfc = rfc;
  }
}

/** Something is larger than a configured limit. Sizes in bytes, counts as they are. */
export class LimitError extends WebSocketError {
  readonly code = 'ERR_WS_LIMIT';
  /** Name of the limit, such as `maxMessageSize`. */
  readonly limit: string;
  /** The value it allows. */
  readonly max: number;
  /** The value that was met. */
  readonly actual: number;

  constructor(
    { limit, max, actual }: { limit: string; max: number; actual: number },
    options?: ErrorOptions,
  ) {
    super(`${limit} allows ${max}, this is ${actual}`, options);
    this.limit = limit;
    this.max = max;
    this.actual = actual;
  }
}
