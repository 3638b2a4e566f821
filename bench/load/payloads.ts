// The messages that are sent: a ring of different payloads of one size, repeated for ever.
// Rule: the same seed gives the same bytes, so that every peer and every round gets equal work.
import type { Payload } from '../scenarios.ts';

/** Small and fast pseudo-random numbers (mulberry32), 0 ≤ n < 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let n = Math.imul(state ^ (state >>> 15), 1 | state);
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n;
    return ((n ^ (n >>> 14)) >>> 0) / 4294967296;
  };
}

type Random = () => number;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
// Two, three and four bytes each, as UTF-8: Latin, Greek, Cyrillic, Devanagari, Chinese and an emoji.
const WIDE = ['é', 'ß', 'λ', 'Ж', 'я', 'न', 'म', '语', '界', '海', '🦜'];
const NAMES = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Leslie', 'Tony', 'Frances'];

const pick = <T>(random: Random, from: ArrayLike<T>): T | undefined =>
  from[Math.floor(random() * from.length)];

function text(random: Random, size: number, letters: ArrayLike<string>): Buffer {
  const bytes = Buffer.alloc(size, 'x');
  for (let at = 0; at < size; ) {
    const letter = Buffer.from(pick(random, letters) ?? 'x');
    // A letter that does not fit any more is left out: the rest stays 'x', so that the text ends whole.
    if (at + letter.length > size) break;
    bytes.set(letter, at);
    at += letter.length;
  }
  return bytes;
}

function record(random: Random): string {
  const id = Math.floor(random() * 1e6);
  const price = (random() * 1000).toFixed(2);
  return `{"id":${id},"user":"${pick(random, NAMES)}","price":${price},"active":${random() < 0.5}}`;
}

/** JSON records, the last one padded by a note so that the size is exact. */
function json(random: Random, size: number): Buffer {
  let body = '';
  for (;;) {
    const next = body === '' ? record(random) : `${body},${record(random)}`;
    if (next.length + '{"rows":[],"note":""}'.length > size) break;
    body = next;
  }
  const frame = `{"rows":[${body}],"note":"`;
  const note = text(random, size - frame.length - 2, LETTERS).toString();
  return Buffer.from(`${frame}${note}"}`);
}

function binary(random: Random, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  const words = size >>> 2;
  for (let word = 0; word < words; word += 1)
    bytes.writeUInt32LE(Math.floor(random() * 4294967296), word * 4);
  for (let at = words * 4; at < size; at += 1) bytes[at] = Math.floor(random() * 256);
  return bytes;
}

/** The ring of payloads for a row: up to 64, and no more than about 4 MiB together. */
export function payloadRing({ size, form }: Payload): Buffer[] {
  const count = Math.max(1, Math.min(64, Math.floor((4 << 20) / Math.max(size, 1))));
  const random = randomNumbers(20_261_125);
  const make = {
    ascii: () => text(random, size, LETTERS),
    multibyte: () => text(random, size, WIDE),
    json: () => json(random, size),
    binary: () => binary(random, size),
  }[form];
  return Array.from({ length: count }, make);
}
