/**
 * A message as API Gateway takes it: UTF-8 text within its limit.
 *
 * The rule of this file: a message that cannot arrive is refused before anything is sent. Bytes have no frame of
 * their own here; with `binary: 'base64'` they travel as a text message that holds their base64 (RFC 4648 §4) and
 * nothing else, which is what API Gateway's own `CONVERT_TO_BINARY` expects in the other direction.
 */
import { LimitError, UnsupportedError } from './errors.ts';

/** How messages are encoded. */
export interface MessageSettings {
  readonly binary: 'refuse' | 'base64';
  /** Bytes of UTF-8 that one message may have. */
  readonly maxMessageSize: number;
}

/**
 * A message as the UTF-8 bytes of one text message.
 *
 * @throws LimitError when they are more than `maxMessageSize`
 * @throws UnsupportedError for bytes when `binary` is `'refuse'`
 */
export function encodeMessage(message: string | Uint8Array, settings: MessageSettings): Uint8Array {
  const { binary, maxMessageSize } = settings;
  if (typeof message !== 'string' && !(message instanceof Uint8Array)) {
    throw new TypeError('a message is a string or a Uint8Array');
  }
  if (typeof message !== 'string' && binary === 'refuse') {
    throw new UnsupportedError(
      "API Gateway sends text only; set the option binary to 'base64' to send bytes as base64 text",
    );
  }
  const actual = textLength(message);
  if (actual > maxMessageSize) throw new LimitError({ limit: 'maxMessageSize', max: maxMessageSize, actual });
  if (typeof message === 'string') return Buffer.from(message);
  return Buffer.from(Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('base64'));
}

/** Bytes on the wire: UTF-8 of text, base64 of bytes. */
const textLength = (message: string | Uint8Array): number =>
  typeof message === 'string' ? Buffer.byteLength(message) : 4 * Math.ceil(message.byteLength / 3);
