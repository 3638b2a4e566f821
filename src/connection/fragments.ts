/**
 * A message that is sent in fragments, one for each chunk as it comes (RFC 6455 §5.4).
 *
 * The rule of this file: a character stays whole wherever its text is cut, and one message has one type. No chunk is
 * asked for before the peer has room for it, and a message that stops half-way is never made to look whole.
 */
import { opcodes } from '../frame/opcodes.ts';
import { asBytes } from './payload.ts';

const fin = 0x80;

/** Where fragments go. */
export interface FragmentTarget {
  /** @throws {ClosedError} when the connection is over */
  mustBeOpen(): void;
  /** Adds a frame. @returns a promise of room for another one */
  fragment(first: number, piece: string | Uint8Array): Promise<void>;
  /** The message broke off behind its first fragment. */
  brokeOff(error: unknown): void;
}

/**
 * Sends `chunks` as one message. Resolves when its last fragment is accepted, whatever room there is behind it.
 *
 * @throws whatever the chunks threw, a `TypeError` for a chunk that does not fit, or a `ClosedError` (rejects)
 */
export async function sendFragments(
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  target: FragmentTarget,
): Promise<void> {
  const fragments = new Fragments();
  try {
    for await (const chunk of chunks) {
      target.mustBeOpen();
      const payload = fragments.payload(chunk);
      await target.fragment(fragments.opcode(), payload);
    }
    target.mustBeOpen();
    void target.fragment(fin | fragments.opcode(), fragments.rest);
  } catch (error) {
    if (fragments.started) target.brokeOff(error);
    throw error;
  }
}

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
