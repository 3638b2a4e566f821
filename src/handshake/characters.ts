/**
 * The character classes of HTTP that the opening handshake is made of.
 *
 * One rule: a head is latin-1, one byte is one character, and whatever is above 0x7F is opaque text.
 * RFC 9110 §5.5 (field values), §5.6.2 (tokens), §5.6.3 (optional whitespace).
 */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;

const PUNCTUATION = "!#$%&'*+-.^_`|~";

const TOKEN_CODES = new Uint8Array(256);
for (const range of ['09', 'AZ', 'az']) {
  for (let code = range.charCodeAt(0); code <= range.charCodeAt(1); code++) TOKEN_CODES[code] = 1;
}
for (const character of PUNCTUATION) TOKEN_CODES[character.charCodeAt(0)] = 1;

/** Whether the character may stand in a token (`tchar`). Any code is allowed as input, also above 0xFF. */
export function isTokenCode(code: number): boolean {
  return TOKEN_CODES[code] === 1;
}

/** Whether the character may stand in a field value: tab, space, visible ASCII and opaque 0x80 to 0xFF. */
export function isFieldValueCode(code: number): boolean {
  return (code >= SP && code <= 0xff && code !== 0x7f) || code === HTAB;
}

/** Space or tab. */
export function isWhitespaceCode(code: number): boolean {
  return code === SP || code === HTAB;
}

/** Visible ASCII, no space: what a request target is made of. */
export function isVisibleCode(code: number): boolean {
  return code > SP && code < 0x7f;
}

function everyCode(text: string, accepts: (code: number) => boolean): boolean {
  for (let index = 0; index < text.length; index++) {
    if (!accepts(text.charCodeAt(index))) return false;
  }
  return true;
}

/** A token of RFC 9110 §5.6.2: one or more `tchar`. */
export function isToken(text: string): boolean {
  return text !== '' && everyCode(text, isTokenCode);
}

/** A value that can be written into a head as it is: no line break, no control, nothing beyond latin-1. */
export function isFieldValue(text: string): boolean {
  return everyCode(text, isFieldValueCode);
}

/** Whether every character is below 0x80. */
export function isAscii(text: string): boolean {
  return everyCode(text, (code) => code < 0x80);
}

/**
 * Removes spaces and tabs, and nothing else, from both ends.
 *
 * `String.prototype.trim` would also take 0xA0 and control characters, and a regular expression that is anchored at
 * the end takes quadratic time on inner runs of spaces.
 */
export function trimWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespaceCode(text.charCodeAt(start))) start++;
  while (end > start && isWhitespaceCode(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Whether a comma-separated list holds the (lower-case) element, compared without case (RFC 9110 §5.6.1). */
export function listHolds(list: string, element: string): boolean {
  // Nearly always the list is that element alone.
  if (list === element || list.toLowerCase() === element) return true;
  return list.split(',').some((item) => trimWhitespace(item).toLowerCase() === element);
}

// Function calls take a bounded number of arguments; this is far below every engine's bound.
const TEXT_BLOCK = 4096;

/** Latin-1 bytes as text: every byte is the character with its number. */
export function latin1Text(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += TEXT_BLOCK) {
    // Spreading the bytes would run their iterator, which takes seven times as long.
    const block: string = Reflect.apply(
      String.fromCharCode,
      undefined,
      bytes.subarray(start, start + TEXT_BLOCK),
    );
    text += block;
  }
  return text;
}
