/**
 * A request head as one string: as the text that came, or put together again.
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

/** A head that another server has read, as one string. */
class JoinedHead implements RequestHead {
  readonly #text: string;

  /** @param text method, target, version, and names and values, each with a line feed behind it */
  constructor(text: string) {
    this.#text = text;
  }

  get method(): string {
    return this.#text.slice(0, this.#endOf(1));
  }

  get target(): string {
    return this.#text.slice(this.#endOf(1) + 1, this.#endOf(2));
  }

  get httpVersion(): string {
    return this.#text.slice(this.#endOf(2) + 1, this.#endOf(3));
  }

  get rawHeaders(): readonly string[] {
    return this.#text.split('\n').slice(3, -1);
  }

  /** Where so many parts end. */
  #endOf(parts: number): number {
    let end = -1;
    for (let count = 0; count < parts; count += 1) end = this.#text.indexOf('\n', end + 1);
    return end;
  }
}

/** The same head in the form that takes the least memory for as long as a connection lives. */
export function compactHead(head: RequestHead): RequestHead {
  if (head instanceof TextHead) return head;
  const parts = [head.method, head.target, head.httpVersion, ...head.rawHeaders];
  // No HTTP server lets a line feed through, but whoever calls this may be none.
  return parts.some((part) => part.includes('\n')) ? head : new JoinedHead(`${parts.join('\n')}\n`);
}

/** The value that stands between two offsets, without the white space around it. */
export function valueIn(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isWhitespaceCode(text.charCodeAt(start))) start += 1;
  while (end > start && isWhitespaceCode(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
