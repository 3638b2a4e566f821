/**
 * The payload of a Close frame (RFC 6455 §5.5.1) and the close codes that may travel (§7.4).
 *
 * The rule of this file: the same codes may be sent and received; what never travels (1005, 1006, 1015, anything
 * unassigned) is a violation of the peer's, or a RangeError of ours before a byte is written.
 */
import { maxControlPayload } from './opcodes.ts';
import { isUtf8 } from './utf8.ts';
import type { ViolationName } from './violations.ts';

/** What a Close frame says. `code` is 1005 when its payload is empty (§7.1.5). */
export interface ClosePayload {
  readonly code: number;
  readonly reason: string;
}

/** Codes of RFC 6455 §7.4.1 and of the IANA registry that this library speaks of by name. */
export const closeCodes = Object.freeze({
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
});

/** Most bytes that a reason may have: a control frame's 125 less the code. */
export const maxReasonSize = maxControlPayload - 2;

/** Whether `code` may stand in a Close frame. */
export const isCloseCode = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 3000 && code <= 4999) || (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)));

/** Reads a Close payload of at most 125 bytes. @returns what it says, or the violation */
export function decodeClosePayload(payload: Uint8Array): ClosePayload | ViolationName {
  if (payload.length === 0) return { code: closeCodes.noStatus, reason: '' };
  if (payload.length === 1) return 'closePayloadLength';
  const code = ((payload[0] as number) << 8) | (payload[1] as number);
  if (!isCloseCode(code)) return 'closeCode';
  if (!isUtf8(payload, 2)) return 'closeReasonUtf8';
  return {
    code,
    reason:
      payload.length === 2 ? '' : new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload.subarray(2)),
  };
}

/**
 * Makes a Close payload; without a code an empty one.
 *
 * @param reason UTF-8 of at most 123 bytes
 * @throws {RangeError} for a code that may not be sent, a reason without a code, or one that is too long
 * @throws {TypeError} for a reason that is no string or has a lone surrogate
 */
export function encodeClosePayload(code?: number, reason = ''): Uint8Array {
  if (typeof reason !== 'string') throw new TypeError('the close reason is not a string');
  if (code === undefined) {
    if (reason !== '') throw new RangeError('a close reason needs a close code');
    return new Uint8Array(0);
  }
  if (!isCloseCode(code)) {
    throw new RangeError(`the close code ${String(code)} may not be sent (RFC 6455 §7.4)`);
  }
  if (hasLoneSurrogate(reason)) throw new TypeError('the close reason has a lone surrogate');
  const text = new TextEncoder().encode(reason);
  if (text.length > maxReasonSize) {
    throw new RangeError(`the close reason has ${text.length} bytes, ${maxReasonSize} are allowed`);
  }
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >>> 8;
  payload[1] = code;
  payload.set(text, 2);
  return payload;
}

const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text);
