/**
 * The key that a client sends, and the value by which a server proves that it has read it.
 *
 * One rule: the digest arrives as an argument, so this folder needs no cryptography of its own.
 * RFC 6455 §1.3, §4.1 (7), §4.2.1 (5), §4.2.2 (5.4).
 */

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const DIGITS = new Uint8Array(128);
for (const digit of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
  DIGITS[digit.charCodeAt(0)] = 1;
}

/** Whether the text is base64 of 16 bytes. The four unused bits of the last digit may be set (RFC 4648 §3.5). */
export function isKey(text: string): boolean {
  if (text.length !== 24 || !text.endsWith('==')) return false;
  // A loop: the same as a regular expression takes ten times as long.
  for (let index = 0; index < 22; index += 1) {
    if (DIGITS[text.charCodeAt(index)] !== 1) return false;
  }
  return true;
}

/**
 * The value of Sec-WebSocket-Accept for a key.
 *
 * @param sha1Base64 SHA-1 of the ASCII text, in base64
 */
export function acceptValue(key: string, sha1Base64: (text: string) => string): string {
  return sha1Base64(key + GUID);
}
