/**
 * A message that lies whole in its chunk, which most do: no copy of text, one of bytes where the chunk is only lent.
 *
 * The rule of this file: nothing is kept between two messages.
 */
import { isAsciiBits } from '../frame/mask.ts';
import type { AssembledMessages } from './assembler.ts';
import type { Runtime } from './port.ts';

/** Chunks up to this size are handed on as they are: a message keeps at most this much memory alive with it. */
const smallChunk = 8_192;

/**
 * Hands on the message `chunk[start, end)`.
 *
 * @param lent whether the chunk is good only for the call, so that no message may be a view of it
 * @param bits what unmasking told of the bytes
 */
export function handOn(
  messages: AssembledMessages,
  { view, copy, isUtf8, decodeLatin1, decodeUtf8 }: Runtime,
  chunk: Uint8Array,
  start: number,
  end: number,
  isText: boolean,
  transformed: boolean,
  lent: boolean,
  bits: number,
): void {
  if (transformed) {
    messages.transformed(lent ? copy(chunk, start, end) : view(chunk, start, end), isText);
  } else if (!isText) {
    // A view keeps its whole chunk alive: fine when the chunk is small or mostly this message, else copy.
    const whole = chunk.buffer.byteLength;
    const fits = !lent && (whole <= smallChunk || (end - start) * 2 >= whole);
    messages.binary(fits ? view(chunk, start, end) : copy(chunk, start, end));
  } else if (isAsciiBits(bits)) {
    messages.text(decodeLatin1(chunk, start, end));
  } else if (isUtf8(chunk.subarray(start, end))) {
    messages.text(decodeUtf8(chunk, start, end));
  } else {
    messages.invalidText();
  }
}
