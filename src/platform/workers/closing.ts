/**
 * Closing as the runtime does it, and as this library speaks of it (RFC 6455 §5.5.1, §7.1, §7.4).
 *
 * The rule of this file: what goes into a Close frame is judged here, because the runtime lets some codes pass that
 * may not travel.
 */
import type { Closure, Message } from '../peer.ts';
import type { CloseFacts, SessionSocket } from './runtime.ts';

/** Whether the code may stand in a Close frame (§7.4). */
export const isCloseCode = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 3000 && code <= 4999) || (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)));

/**
 * @throws {RangeError} for a code that may not be sent, or a reason of more than 123 bytes
 * @throws {TypeError} for a reason that is no string or has a lone surrogate
 */
export function checkClose(code: number, reason: string): void {
  if (!isCloseCode(code)) throw new RangeError(`close code ${code} may not be sent`);
  // Throws by itself for what is no string.
  if (wellFormed(reason) !== reason) throw new TypeError('close reason has a lone surrogate');
  if (utf8Size(reason) > 123) throw new RangeError('close reason exceeds 123 bytes');
}

/** Bytes of the text. */
export const utf8Size = (text: string): number => new TextEncoder().encode(text).length;

/** Text that can be sent: the runtime would put a lone surrogate on the wire as it is, and that is no UTF-8. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

/** A message as the runtime gives it, as a message of ours. */
export const bytesOf = (data: string | ArrayBuffer): Message =>
  typeof data === 'string' ? data : new Uint8Array(data);

/** Sends the Close that answers the peer's. Without a code there is none to echo. */
export function answerClose(socket: SessionSocket, code: number, reason: string): void {
  if (isCloseCode(code)) socket.close(code, reason);
  else socket.close();
}

/** The closure when the closing handshake is missing. */
export const lost = (cause?: Error): Closure => ({
  code: 1006,
  reason: '',
  clean: false,
  by: 'transport',
  ...(cause && { cause }),
});

/** The closure when the peer closed, or the transport was lost. */
export const closureOf = ({ code, reason, wasClean }: CloseFacts): Closure =>
  wasClean ? { code, reason, clean: true, by: 'peer' } : lost();

/** The closure after the runtime's error event: it failed the connection itself, or the network did. */
export function closureOfError(cause: Error): Closure {
  const code = Number(/statusCode = (\d+)/.exec(cause.message)?.[1]);
  return code ? { ...lost(cause), code, by: 'us' } : lost(cause);
}

/** Whatever was thrown, as an error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
