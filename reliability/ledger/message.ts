// Numbered messages: their number says everything about them, so a receiver can tell a lost, doubled, swapped or
// damaged message without having seen it sent.
// Rule: number, size and content follow from the sequence number alone; even ones are binary, odd ones text.
import type { Message } from 'framewright';

/** Characters of the number in front of each message; also the smallest size. */
export const numberWidth = 8;

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789-_.~ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const period = 251;
const largest = 1_048_576;

/** Some compressible, never quite repeating text that all contents are cut from. */
const pattern = ((): Buffer => {
  const text = Buffer.alloc(largest + period);
  for (let at = 0; at < text.length; at += 1)
    text[at] = alphabet.charCodeAt((at * 7 + (at >> 5) * 3 + (at >> 11)) % alphabet.length);
  return text;
})();

/** Sizes in bytes that messages take in turn. */
export type Sizes = readonly number[];

export const sizes = Object.freeze({
  small: [8, 64, 125, 126, 300],
  mixed: [8, 125, 126, 1_024, 4_096, 20_000, 65_535, 65_536],
  /** Mostly small, as conversations are, with a MiB now and then. */
  soak: [
    ...Array.from({ length: 12 }, () => [8, 64, 125, 126, 300, 1_024, 4_096, 16_384]).flat(),
    65_535,
    65_536,
    262_144,
    1_048_576,
  ],
  large: [8, 125, 1_024, 16_384, 65_536, 262_144, 1_048_576],
}) satisfies Readonly<Record<string, Sizes>>;

export type Mix = keyof typeof sizes;

function contentOf(sequence: number, mix: Mix): Buffer {
  const choices = sizes[mix];
  const size = choices[sequence % choices.length] ?? numberWidth;
  const content = Buffer.allocUnsafe(size);
  content.write(sequence.toString(16).padStart(numberWidth, '0'), 'latin1');
  pattern.copy(content, numberWidth, sequence % period, (sequence % period) + size - numberWidth);
  return content;
}

export function numberedMessage(sequence: number, mix: Mix): Message {
  const content = contentOf(sequence, mix);
  return sequence % 2 === 0 ? content : content.toString('latin1');
}

/** The number that a message carries; NaN when it has none. */
export function numberOf(message: Message): number {
  const head =
    typeof message === 'string'
      ? message.slice(0, numberWidth)
      : Buffer.from(message.subarray(0, numberWidth)).toString('latin1');
  return /^[0-9a-f]{8}$/.test(head) ? Number.parseInt(head, 16) : Number.NaN;
}

/** Whether a message is the one with that number, whole, undamaged and of the right type. */
export function isNumbered(message: Message, sequence: number, mix: Mix): boolean {
  const expected = contentOf(sequence, mix);
  const isText = typeof message === 'string';
  if (isText !== (sequence % 2 === 1) || message.length !== expected.length) return false;
  return expected.equals(isText ? Buffer.from(message, 'latin1') : message);
}
