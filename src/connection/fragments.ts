/**
 * The chunks of a streamed message on their way to be fragments (RFC 6455 §5.4).
 *
 * The rule of this file: a character stays whole wherever its text is cut, and one message has one type.
 */
import { opcodes } from '../frame/opcodes.ts';
import { asBytes } from './payload.ts';

export class Fragments {
  /** Whether a fragment was made, so that the message has to be finished or the connection to fail. */
  started = false;
  /** What the last fragment still has to carry: half of a surrogate pair whose other half has not come. */
  rest = '';
  #isText: boolean | undefined;

  /** The payload for a chunk. @throws {TypeError} for a chunk that is none, or of another type than the first */
  payload(chunk: string | Uint8Array): string | Uint8Array {
    const isText = typeof chunk === 'string';
    this.#isText ??= isText;
    if (this.#isText !== isText) throw new TypeError('a streamed message is either text or bytes, not both');
    if (typeof chunk !== 'string') return asBytes(chunk);
    const text = this.rest + chunk;
    this.rest = endsInHighSurrogate(text) ? text.slice(-1) : '';
    return this.rest === '' ? text : text.slice(0, -1);
  }

  /** The opcode of the next fragment. A message without chunks is an empty text. */
  opcode(): number {
    if (this.started) return opcodes.continuation;
    this.started = true;
    return this.#isText === false ? opcodes.binary : opcodes.text;
  }
}

const endsInHighSurrogate = (text: string): boolean => {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
};
