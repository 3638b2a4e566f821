/**
 * Group 24: compressed payloads that are unusual but right, and those that are wrong.
 *
 * Rule: the payloads are octets. The right ones are the examples of RFC 7692 §7.2.3; the wrong
 * ones differ from a right one in one way. RFC 7692 §6, §7.2, §8.
 */
import { constants, deflateRawSync } from 'node:zlib';
import { type FrameSpec, OPCODE } from '../wire/frame.ts';
import type { Chop, SeenEvent } from '../wire/link.ts';
import type { DeflateRequest } from '../wire/offer.ts';
import { binary, type Case, define, failsWith, NORMAL, pong, type ScriptPlot, text } from './case.ts';
import { DEFAULT_OFFER } from './deflate.ts';
import { filling, fragments } from './echo.ts';

const hex = (octets: string): Buffer => Buffer.from(octets, 'hex');
const compressed = (payload: Buffer, opcode: number = OPCODE.text): FrameSpec => ({
  opcode,
  rsv: 4,
  payload,
});

/** One message compressed on its own, without the tail. */
function squeeze(message: Uint8Array): Buffer {
  const octets = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH });
  return octets.subarray(0, octets.length - 4);
}

const carries = (frames: FrameSpec[], ok: SeenEvent[], chop: Chop = 'whole'): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames, chop }],
  ok,
  close: NORMAL,
});
const fails = (frames: FrameSpec[], ...codes: number[]): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames }],
  ok: [],
  close: failsWith(...codes),
});

const HELLO = hex('f248cdc9c90700');
const BFINAL = hex('f348cdc9c9070000');
const inFragments = (payload: Buffer, size: number): FrameSpec[] =>
  fragments(OPCODE.text, payload, size).map((frame, i) => (i === 0 ? { ...frame, rsv: 4 } : frame));

type Good = readonly [what: string, frames: () => FrameSpec[], ok: readonly SeenEvent[], chop?: Chop];

const GOOD: readonly Good[] = [
  ['One compressed block', () => [compressed(HELLO)], [text('Hello')]],
  ['A compressed message in two fragments', () => inFragments(HELLO, 3), [text('Hello')]],
  [
    'A compressed message in fragments of one octet, one octet per write',
    () => inFragments(HELLO, 1),
    [text('Hello')],
    1,
  ],
  ['A block without compression', () => [compressed(hex('000500faff48656c6c6f00'))], [text('Hello')]],
  ['Two blocks in one message', () => [compressed(hex('f24805000000ffffcac9c90700'))], [text('Hello')]],
  ['A final block (BFINAL)', () => [compressed(BFINAL)], [text('Hello')]],
  [
    'A final block, then another message',
    () => [compressed(BFINAL), compressed(HELLO)],
    [text('Hello'), text('Hello')],
  ],
  [
    'Two messages with final blocks',
    () => [compressed(BFINAL), compressed(BFINAL)],
    [text('Hello'), text('Hello')],
  ],
  ['A single octet 00: an empty message', () => [compressed(hex('00'))], [text('')]],
  [
    'An empty message, then another',
    () => [compressed(hex('00')), compressed(HELLO)],
    [text(''), text('Hello')],
  ],
  [
    'A message that is not compressed, on a compressed connection',
    () => [{ opcode: OPCODE.text, payload: Buffer.from('plain') }],
    [text('plain')],
  ],
  [
    'A ping between the fragments of a compressed message',
    () => {
      const [first, last] = inFragments(HELLO, 4);
      const ping: FrameSpec = { opcode: OPCODE.ping, payload: Buffer.from('between') };
      return first === undefined || last === undefined ? [] : [first, ping, last];
    },
    [pong('between'), text('Hello')],
    'frames',
  ],
  [
    'A compressed binary message',
    () => [compressed(squeeze(filling(1000, true)), OPCODE.binary)],
    [binary(filling(1000, true))],
  ],
];

/** `Hello` again, as a reference to the message before. */
const AGAIN = hex('f200110000');

const IN_CONTEXT: readonly Good[] = [
  [
    'The same message twice, the second from the window of the first',
    () => [compressed(HELLO), compressed(AGAIN)],
    [text('Hello'), text('Hello')],
  ],
  [
    'A plain message between two compressed ones, the last from the window of the first',
    () => [compressed(HELLO), { opcode: OPCODE.text, payload: Buffer.from('plain') }, compressed(AGAIN)],
    [text('Hello'), text('plain'), text('Hello')],
  ],
];

const LONG = filling(5000, false);
const UNICODE = Buffer.from('κόσμε κόσμε κόσμε');

type Bad = readonly [what: string, frames: () => FrameSpec[], ...codes: number[]];

const BAD: readonly Bad[] = [
  ['Octets that are no DEFLATE stream', () => [compressed(hex('ffffffffffff'))], 1007, 1002],
  [
    'A compressed message cut in the middle',
    () => {
      const octets = squeeze(Buffer.concat([LONG, filling(64, true)]));
      return [compressed(octets.subarray(0, octets.length >> 1))];
    },
    1007,
    1002,
  ],
  ['A compressed message without its last octet but one', () => [compressed(hex('f248cdc9'))], 1007, 1002],
  ['Octets behind a final block', () => [compressed(Buffer.concat([BFINAL, hex('deadbeef')]))], 1007, 1002],
  ['A reference to before the beginning', () => [compressed(AGAIN)], 1007, 1002],
  [
    'Compressed text that is not UTF-8',
    () => [compressed(squeeze(hex('cebae1bdb9cf83cebcceb5eda080656469746564')))],
    1007,
  ],
  [
    'Compressed text that ends inside a character',
    () => [compressed(squeeze(UNICODE.subarray(0, UNICODE.length - 1)))],
    1007,
  ],
  [
    'RSV1 on a continuation',
    () => fragments(OPCODE.text, HELLO, 4).map((frame) => ({ ...frame, rsv: 4 })),
    1002,
  ],
  [
    'RSV1 on a continuation of a plain message',
    () =>
      fragments(OPCODE.text, Buffer.from('plain'), 3).map((frame, i) => ({ ...frame, rsv: i === 0 ? 0 : 4 })),
    1002,
  ],
  ['RSV1 on a ping', () => [compressed(hex(''), OPCODE.ping)], 1002],
  ['RSV1 on a Close', () => [compressed(hex('03e8'), OPCODE.close)], 1002],
  ['RSV2 on a compressed message', () => [{ ...compressed(HELLO), rsv: 6 }], 1002],
];

let bomb: Buffer | null = null;
/** 64 MiB of zeros in about 64 KiB. */
function zeros(): Buffer {
  bomb ??= squeeze(Buffer.alloc(64 * 1024 * 1024));
  return bomb;
}

const refused = (frames: FrameSpec[]): ScriptPlot => ({
  ...fails(frames, 1009),
  patience: 15_000,
  mayCarry: true,
});
const BOMB = 'Refused with 1009 while inflating (for information where the limits are wider).';
const agreed = { deflate: DEFAULT_OFFER };
/** For messages that refer to the one before. */
const KEEPING: readonly DeflateRequest[] = [{ noTakeover: false, windowBits: 0, keepsOwnContext: true }];

const good = (group: number, rows: readonly Good[], deflate: readonly DeflateRequest[]): Case[] =>
  rows.map(([what, frames, ok, chop], i) =>
    define(
      `24.${group}.${i + 1}`,
      [`${what}.`, 'What was sent comes back.'],
      () => carries(frames(), [...ok], chop),
      { deflate },
    ),
  );

export const deflatePayloadCases: readonly Case[] = [
  ...good(1, GOOD, DEFAULT_OFFER),
  ...good(4, IN_CONTEXT, KEEPING),
  ...BAD.map(([what, frames, ...codes], i) =>
    define(
      `24.2.${i + 1}`,
      [`${what}.`, `The connection is failed with ${codes.join(' or ')}.`],
      () => fails(frames(), ...codes),
      agreed,
    ),
  ),
  define(
    '24.3.1',
    ['64 MiB of zeros in 64 KiB.', BOMB],
    () => refused([compressed(zeros(), OPCODE.binary)]),
    { ...agreed, cost: 4 },
  ),
  define(
    '24.3.2',
    ['64 MiB of zeros in 64 KiB, over 1000 fragments.', BOMB],
    () => {
      const frames = fragments(OPCODE.binary, zeros(), Math.ceil(zeros().length / 1000));
      return refused(frames.map((frame, i) => (i === 0 ? { ...frame, rsv: 4 } : frame)));
    },
    { ...agreed, cost: 4 },
  ),
];
