/**
 * A request head as one string: as the text that came, or put together again.
 *
 * One rule: the text was checked by whoever makes one; the fields are taken apart when they are asked for, so that a
 * head which is kept costs one string and no object.
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

  static textOf(head: TextHead): string {
    return head.#text;
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

/** A head for as long as a connection lives: one string, unless another server let a line feed into one of its parts. */
export type KeptHead = RequestHead | string;

/** Before each part of a head that was put together; no text that came begins with it. */
const SEPARATOR = '\n';

/** The same head in the form that takes the least memory. It does not change with what it was made from. */
export function keepHead(head: RequestHead): KeptHead {
  if (head instanceof TextHead) return TextHead.textOf(head);
  const { method, target, httpVersion, rawHeaders } = head;
  // Not spread: an array that grows to its size is four times as much to collect.
  const parts = ['', method, target, httpVersion].concat(rawHeaders);
  // No HTTP server lets a line feed through, but whoever calls this may be none.
  return parts.some((part) => part.includes(SEPARATOR))
    ? { method, target, httpVersion, rawHeaders: [...rawHeaders] }
    : parts.join(SEPARATOR);
}

/** The head that {@link keepHead} was given. */
export function expandHead(kept: KeptHead): RequestHead {
  if (typeof kept !== 'string') return kept;
  if (!kept.startsWith(SEPARATOR)) return new TextHead(kept);
  const [, method = '', target = '', httpVersion = '', ...rawHeaders] = kept.split(SEPARATOR);
  return { method, target, httpVersion, rawHeaders };
}

/** The value that stands between two offsets, without the white space around it. */
export function valueIn(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isWhitespaceCode(text.charCodeAt(start))) start += 1;
  while (end > start && isWhitespaceCode(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
