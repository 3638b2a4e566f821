/**
 * A request head as the text that came.
 *
 * One rule: the text was checked by whoever makes one; the fields are taken apart when they are asked for, so that a
 * head which is kept costs one string.
 */
import { CR, isWhitespaceCode } from './characters.ts';
import type { RequestHead } from './request-head.ts';

const METHOD_LENGTH = 'GET '.length;

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

/** The value that stands between two offsets, without the white space around it. */
export function valueIn(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isWhitespaceCode(text.charCodeAt(start))) start += 1;
  while (end > start && isWhitespaceCode(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
