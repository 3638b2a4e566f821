/**
 * A request head that lies whole in one chunk, as nearly every client sends it, read in one pass.
 *
 * One rule: this is a short cut. What it takes, `RequestHeadParser` with the default limits takes too, and with the
 * same result; for everything else, faulty, unfinished or merely unusual, it answers undefined and leaves the bytes to
 * that parser.
 * RFC 9112 §2.1, §3, §5.
 */
import {
  COLON,
  CR,
  isFieldValueCode,
  isTokenCode,
  isVisibleCode,
  isWhitespaceCode,
  LF,
} from './characters.ts';
import { defaultHeadLimits } from './limits.ts';
import type { RequestHead } from './request-head.ts';

const METHOD = codesOf('GET ');
const VERSION = codesOf(' HTTP/1.1\r\n');
const METHOD_LENGTH = 'GET '.length;
const START_LINE_REST = ' HTTP/1.1'.length;

/** A head as the text that came. The fields are taken apart when they are asked for, so that it keeps one string. */
export class TextHead implements RequestHead {
  readonly #text: string;

  /** @param text `GET target HTTP/1.1` and fields in valid syntax, through CRLFCRLF */
  constructor(text: string) {
    this.#text = text;
  }

  get method(): string {
    return 'GET';
  }

  get target(): string {
    return this.#text.slice(METHOD_LENGTH, this.#text.indexOf(' ', METHOD_LENGTH));
  }

  get httpVersion(): string {
    return '1.1';
  }

  get rawHeaders(): readonly string[] {
    const text = this.#text;
    const rawHeaders: string[] = [];
    let at = text.indexOf('\r\n') + 2;
    while (text.charCodeAt(at) !== CR) {
      const colon = text.indexOf(':', at);
      const end = text.indexOf('\r\n', colon);
      rawHeaders.push(text.slice(at, colon), valueIn(text, colon + 1, end));
      at = end + 2;
    }
    return rawHeaders;
  }
}

/**
 * Reads a head that begins with the chunk and ends in it.
 *
 * @param latin1 decodes `bytes[0, end)`, each byte the character with its number
 * @returns the head and the offset just after its CRLFCRLF; undefined when `RequestHeadParser` has to decide
 */
export function readWholeHead<Bytes extends Uint8Array>(
  bytes: Bytes,
  latin1: (bytes: Bytes, end: number) => string,
): { readonly head: TextHead; readonly end: number } | undefined {
  const end = endOfHead(bytes, Math.min(bytes.length, defaultHeadLimits.maxHeadSize));
  return end < 0 ? undefined : { head: new TextHead(latin1(bytes, end)), end };
}

/** The offset after a head in valid syntax, within `limit`; -1 for anything else. */
function endOfHead(bytes: Uint8Array, limit: number): number {
  let at = METHOD_LENGTH;
  if (!holds(bytes, 0, METHOD)) return -1;
  while (at < limit && isVisibleCode(bytes[at] as number)) at += 1;
  if (at === METHOD_LENGTH || at + START_LINE_REST > defaultHeadLimits.maxRequestLine) return -1;
  if (!holds(bytes, at, VERSION)) return -1;
  at += VERSION.length;
  for (let fields = 0; fields <= defaultHeadLimits.maxFields; fields += 1) {
    if (at + 2 > limit) return -1;
    if (bytes[at] === CR) return bytes[at + 1] === LF ? at + 2 : -1;
    at = endOfField(bytes, at, limit);
    if (at < 0) return -1;
  }
  return -1;
}

/** The offset after one field line; -1 when it is no valid one or goes on beyond `limit`. */
function endOfField(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  while (at < limit && isTokenCode(bytes[at] as number)) at += 1;
  if (at === from || at === limit || bytes[at] !== COLON) return -1;
  at += 1;
  while (at < limit && isFieldValueCode(bytes[at] as number)) at += 1;
  return at + 2 <= limit && bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : -1;
}

function holds(bytes: Uint8Array, at: number, codes: readonly number[]): boolean {
  for (let index = 0; index < codes.length; index += 1) {
    if (bytes[at + index] !== codes[index]) return false;
  }
  return true;
}

/** A value without the white space around it. */
function valueIn(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isWhitespaceCode(text.charCodeAt(start))) start += 1;
  while (end > start && isWhitespaceCode(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function codesOf(text: string): readonly number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
