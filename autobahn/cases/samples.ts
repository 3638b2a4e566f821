/**
 * What groups 12 and 13 send: five kinds of data that compress differently, made here from a
 * fixed seed, so that every run and every machine sends the same octets.
 *
 * Rule: text is cut only between characters: all its characters are one octet, or all are two,
 * and every size of these groups is even.
 */

export type SampleKind = 'records' | 'markup' | 'greek' | 'prose' | 'bitmap';

const LENGTH = 1 << 20;
/** Octets of varied text before it repeats: far more than a window of 2^9, and kind to slow compressors. */
const STRETCH = 6 * 1024;

/** A small generator (mulberry32), good enough to vary text. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS =
  'frame header payload message masking key close code reason opcode fragment control peer server client handshake extension window'.split(
    ' ',
  );
const GREEK = 'κόσμος πλαίσιο μήνυμα κλειδί λόγος κώδικας τμήμα έλεγχος'
  .split(' ')
  .map((word) => word.normalize('NFC'));
const TWO_OCTET_SPACE = '\u00a0';

function repeatUntilFull(piece: (next: () => number, index: number) => string, seed: number): Buffer {
  const next = numbers(seed);
  let octets = '';
  // A varied stretch, then the same again: each message still differs from its neighbours.
  for (let i = 0; octets.length < STRETCH; i++) octets += piece(next, i);
  return Buffer.alloc(LENGTH, octets);
}

const pick = (from: readonly string[], next: () => number): string =>
  from[Math.floor(next() * from.length)] ?? '';

const MAKERS: Record<SampleKind, () => Buffer> = {
  records: () =>
    repeatUntilFull(
      (next, i) =>
        `{"id":${i},"name":"${pick(WORDS, next)}","size":${Math.floor(next() * 65536)},"fin":true},\n`,
      1,
    ),
  markup: () =>
    repeatUntilFull(
      (next, i) =>
        `<tr class="row-${i % 2}"><td>${pick(WORDS, next)}</td><td>${pick(WORDS, next)}</td></tr>\n`,
      2,
    ),
  greek: () => {
    const next = numbers(3);
    let text = '';
    while (text.length < STRETCH / 2) text += pick(GREEK, next) + TWO_OCTET_SPACE;
    return Buffer.alloc(LENGTH, text);
  },
  prose: () => repeatUntilFull((next) => `${pick(WORDS, next)} ${pick(WORDS, next)}, `, 4),
  bitmap: () => {
    const next = numbers(5);
    const octets = Buffer.alloc(LENGTH);
    for (let at = 0; at < LENGTH; ) {
      const end = Math.min(LENGTH, at + 16 + Math.floor(next() * 240));
      octets.fill(Math.floor(next() * 256), at, end);
      at = end;
    }
    return octets;
  },
};

const made = new Map<SampleKind, Buffer>();

/** `size` octets of a kind, each `round` a stretch further on. */
export function sample(kind: SampleKind, size: number, round: number): Buffer {
  let whole = made.get(kind);
  if (whole === undefined) {
    whole = MAKERS[kind]();
    made.set(kind, whole);
  }
  const places = LENGTH - size;
  const at = (round * size) % places;
  const from = at - (at % 2);
  return whole.subarray(from, from + size);
}
