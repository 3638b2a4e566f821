/**
 * Groups 1, 9 and 10: messages of every size come back as they went.
 *
 * Rule: sizes, fragment sizes and chop sizes are tables; a row is a case. RFC 6455 §5.2, §5.4, §5.6.
 */
import { type FrameSpec, OPCODE } from '../wire/frame.ts';
import type { Chop } from '../wire/link.ts';
import { binary, type Case, define, NORMAL, type RoundsPlot, type ScriptPlot, text } from './case.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const MASS_PATIENCE = 100_000;
const PHRASE = Buffer.from('the quick octets jump over the lazy frame; ');

/** `size` octets: readable text, or octets that are not UTF-8. */
export function filling(size: number, isBinary: boolean): Buffer {
  if (!isBinary) return Buffer.alloc(size, PHRASE);
  return Buffer.alloc(size, Buffer.from([0xfe, 0x00, 0xc1, 0x7f, 0x80, 0x0d, 0xff]));
}

/**
 * As `fragments`, but a message that divides evenly ends with an empty fragment. The original ends
 * the messages of 9.3 and 9.4 this way, and a cap on fragments may lie exactly there.
 */
function openEnded(opcode: number, payload: Buffer, size: number): FrameSpec[] {
  const frames = fragments(opcode, payload, size);
  if (payload.length % size !== 0) return frames;
  return [...frames.map((frame) => ({ ...frame, fin: false })), { opcode: OPCODE.continuation }];
}

/** A message cut into frames of at most `size` octets each. */
export function fragments(opcode: number, payload: Buffer, size: number): FrameSpec[] {
  const frames: FrameSpec[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += size) {
    const fin = at + size >= payload.length;
    frames.push({
      opcode: at === 0 ? opcode : OPCODE.continuation,
      fin,
      payload: payload.subarray(at, at + size),
    });
  }
  return frames;
}

interface Mass {
  readonly size: number;
  readonly isBinary: boolean;
  readonly fragment?: number;
  readonly chop?: number;
  readonly patience?: number;
}

function echo({ size, isBinary, fragment, chop, patience }: Mass): ScriptPlot {
  const payload = filling(size, isBinary);
  const opcode = isBinary ? OPCODE.binary : OPCODE.text;
  const frames = fragment === undefined ? [{ opcode, payload }] : openEnded(opcode, payload, fragment);
  const cut: Chop = chop ?? 'whole';
  return {
    kind: 'script',
    steps: [{ do: 'send', frames, chop: cut }],
    ok: [isBinary ? binary(payload) : text(payload)],
    close: NORMAL,
    ...(patience === undefined ? {} : { patience }),
  };
}

const WORDS = ['text', 'binary'] as const;
const KINDS = [false, true] as const;
const nameOf = (isBinary: boolean): string => (isBinary ? WORDS[1] : WORDS[0]);
const sizeText = (size: number): string =>
  size >= MIB
    ? `${size / MIB} MiB`
    : size >= KIB && size % KIB === 0
      ? `${size / KIB} KiB`
      : `${size} octets`;

const FRAME_SIZES: readonly { size: number; chop?: number }[] = [
  { size: 0 },
  { size: 125 },
  { size: 126 },
  { size: 127 },
  { size: 128 },
  { size: 65535 },
  { size: 65536 },
  { size: 65536, chop: 997 },
];

const frameSizes = KINDS.flatMap((isBinary, kind) =>
  FRAME_SIZES.map((row, i) =>
    define(
      `1.${kind + 1}.${i + 1}`,
      [
        `A ${nameOf(isBinary)} message of ${row.size} octets${row.chop ? `, written ${row.chop} octets at a time` : ''}.`,
        'The same message comes back; the connection closes normally.',
      ],
      () => echo({ ...row, isBinary }),
    ),
  ),
);

const MASS_SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const MASS_FRAGMENTS = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const MASS_CHOPS = [64, 128, 256, 512, 1024, 2048];
const ROUND_SIZES = [0, 16, 64, 256, 1024, 4096];
const ROUND_PATIENCE = [60, 60, 60, 120, 240, 480];
const COMES_BACK = 'The same message comes back.';

function massGroup(
  group: number,
  isBinary: boolean,
  rows: readonly Omit<Mass, 'isBinary'>[],
  cost: number,
): Case[] {
  return rows.map((row, i) =>
    define(
      `9.${group}.${i + 1}`,
      [
        `A ${nameOf(isBinary)} message of ${sizeText(row.size)}${row.fragment ? ` in fragments of ${sizeText(row.fragment)}` : ''}${row.chop ? `, written ${row.chop} octets at a time` : ''}.`,
        COMES_BACK,
      ],
      () => echo({ ...row, isBinary, patience: MASS_PATIENCE }),
      { cost: row.size >= 4 * MIB ? cost : 2 },
    ),
  );
}

const rounds = (size: number, isBinary: boolean, patience: number): RoundsPlot => {
  const payload = filling(size, isBinary);
  return {
    kind: 'rounds',
    count: 1000,
    binary: isBinary,
    message: () => payload,
    series: `${nameOf(isBinary)} ${size}`,
    fragment: 0,
    patience,
  };
};

function roundGroup(group: number, isBinary: boolean): Case[] {
  return ROUND_SIZES.map((size, i) =>
    define(
      `9.${group}.${i + 1}`,
      [
        `1000 ${nameOf(isBinary)} messages of ${size} octets, each sent when the one before has come back.`,
        `All come back, within ${ROUND_PATIENCE[i]} s.`,
      ],
      () => rounds(size, isBinary, (ROUND_PATIENCE[i] ?? 60) * 1000),
      { cost: 2 },
    ),
  );
}

const masses = KINDS.flatMap((isBinary, kind) => [
  ...massGroup(
    1 + kind,
    isBinary,
    MASS_SIZES.map((size) => ({ size })),
    6,
  ),
  ...massGroup(
    3 + kind,
    isBinary,
    MASS_FRAGMENTS.map((fragment) => ({ size: 4 * MIB, fragment })),
    4,
  ),
  ...massGroup(
    5 + kind,
    isBinary,
    MASS_CHOPS.map((chop) => ({ size: MIB, chop })),
    2,
  ),
  ...roundGroup(7 + kind, isBinary),
]);

const autoFragment = define(
  '10.1.1',
  [
    'A text message of 65536 octets, cut into fragments of 1300 octets.',
    'The same message comes back as one message.',
  ],
  () => echo({ size: 65536, isBinary: false, fragment: 1300 }),
);

export const echoCases: readonly Case[] = [...frameSizes, ...masses, autoFragment];
