/**
 * Group 6: text messages that are UTF-8, and those that are not.
 *
 * Rule: the octets are a table, valid (`+`) or not (`-`); validity is stated, never computed, so
 * that a decoder's mistake cannot become the expectation. RFC 6455 §8.1, RFC 3629 §3 and §4.
 */
import { type FrameSpec, OPCODE } from '../wire/frame.ts';
import { type Case, define, failsWith, NORMAL, type ScriptPlot, type Step, text, timeout } from './case.ts';
import { fragments } from './echo.ts';

const hex = (octets: string): Buffer => Buffer.from(octets, 'hex');

const GREETING = hex('48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121');
const KOSME = hex('cebae1bdb9cf83cebcceb5');
const SURROGATE_INSIDE = hex('cebae1bdb9cf83cebcceb5eda080656469746564');

const COMES_BACK = 'The message comes back.';
const FAILED = 'The connection is failed with 1007: the payload is not UTF-8.';

const valid = (frames: FrameSpec[], payload: Buffer): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames }],
  ok: [text(payload)],
  close: NORMAL,
});

const invalid = (frames: FrameSpec[]): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames }],
  ok: [],
  close: failsWith(1007),
});

const one = (payload: Buffer): FrameSpec[] => [{ opcode: OPCODE.text, payload }];
const inThree = (middle: string): FrameSpec[] => [
  { opcode: OPCODE.text, fin: false },
  { opcode: OPCODE.continuation, fin: false, payload: Buffer.from(middle) },
  { opcode: OPCODE.continuation },
];
const two = (at: number): FrameSpec[] => [
  { opcode: OPCODE.text, fin: false, payload: GREETING.subarray(0, at) },
  { opcode: OPCODE.continuation, payload: GREETING.subarray(at) },
];

const shapes: readonly Case[] = [
  define('6.1.1', ['An empty text message.', 'An empty message comes back.'], () =>
    valid(one(hex('')), hex('')),
  ),
  define('6.1.2', ['A text message of three empty fragments.', 'An empty message comes back.'], () =>
    valid(inThree(''), hex('')),
  ),
  define('6.1.3', ['Three fragments, only the middle one with octets in it.', COMES_BACK], () =>
    valid(inThree('middle frame payload'), Buffer.from('middle frame payload')),
  ),
  define('6.2.1', ['UTF-8 in one frame.', COMES_BACK], () => valid(one(GREETING), GREETING)),
  define('6.2.2', ['UTF-8 in two fragments, cut between characters.', COMES_BACK], () =>
    valid(two(15), GREETING),
  ),
  define('6.2.3', ['UTF-8 in fragments of one octet, so that characters are cut.', COMES_BACK], () =>
    valid(fragments(OPCODE.text, GREETING, 1), GREETING),
  ),
  define('6.2.4', ['The Greek word kosme in fragments of one octet.', COMES_BACK], () =>
    valid(fragments(OPCODE.text, KOSME, 1), KOSME),
  ),
  define('6.3.1', ['A surrogate inside good text, in one frame.', FAILED], () =>
    invalid(one(SURROGATE_INSIDE)),
  ),
  define('6.3.2', ['A surrogate inside good text, in fragments of one octet.', FAILED], () =>
    invalid(fragments(OPCODE.text, SURROGATE_INSIDE, 1)),
  ),
];

const TOO_HIGH = [KOSME, hex('f4908080'), Buffer.from('edited')] as const;
const AT_THE_OCTET = [Buffer.concat([KOSME, hex('f4')]), hex('90'), hex('8080656469746564')] as const;
type Parts = readonly [Buffer, Buffer, Buffer];

const late = (steps: readonly Step[]): ScriptPlot => ({
  kind: 'script',
  steps,
  ok: [timeout('A')],
  nonStrict: [[timeout('A'), timeout('B')]],
  close: failsWith(1007),
});

const inFrames = ([part1, part2, part3]: Parts): ScriptPlot =>
  late([
    { do: 'send', frames: [{ opcode: OPCODE.text, fin: false, payload: part1 }] },
    { do: 'wait', tag: 'A' },
    { do: 'send', frames: [{ opcode: OPCODE.continuation, fin: false, payload: part2 }] },
    { do: 'wait', tag: 'B' },
    { do: 'send', frames: [{ opcode: OPCODE.continuation, payload: part3 }] },
  ]);

const inPieces = (parts: Parts): ScriptPlot =>
  late([
    {
      do: 'pieces',
      frame: { opcode: OPCODE.text, payload: Buffer.concat(parts) },
      lengths: parts.map((p) => p.length),
      tags: ['A', 'B'],
    },
  ]);

const FAST =
  'The connection stays open after the first part and is failed with 1007 as soon as the second has arrived; failing only at the end of the message is NON-STRICT.';

const failFast: readonly Case[] = [
  define('6.4.1', ['Three fragments with pauses; the second is a code point above U+10FFFF.', FAST], () =>
    inFrames(TOO_HIGH),
  ),
  define(
    '6.4.2',
    ['As 6.4.1, but the second fragment is just the octet that makes it impossible.', FAST],
    () => inFrames(AT_THE_OCTET),
  ),
  define('6.4.3', ['As 6.4.1, but the parts are pieces of one frame.', FAST], () => inPieces(TOO_HIGH)),
  define('6.4.4', ['As 6.4.2, but the parts are pieces of one frame.', FAST], () => inPieces(AT_THE_OCTET)),
];

/** `+` is UTF-8, `-` is not. One row per subgroup, in the order of the case ids. */
const OCTETS: readonly (readonly [group: number, about: string, ...vectors: string[]])[] = [
  [
    5,
    'characters of one to four octets',
    '+68656c6c6f24776f726c64',
    '+68656c6c6fc2a2776f726c64',
    '+68656c6c6fe282ac776f726c64',
    '+68656c6c6ff0a4ada2776f726c64',
    '+cebae1bdb9cf83cebcceb5',
  ],
  [
    6,
    'a word that ends after each of its octets',
    '-ce',
    '+ceba',
    '-cebae1',
    '-cebae1bd',
    '+cebae1bdb9',
    '-cebae1bdb9cf',
    '+cebae1bdb9cf83',
    '-cebae1bdb9cf83ce',
    '+cebae1bdb9cf83cebc',
    '-cebae1bdb9cf83cebcce',
    '+cebae1bdb9cf83cebcceb5',
  ],
  [7, 'the first character of each length', '+00', '+c280', '+e0a080', '+f0908080'],
  [8, 'the first of five and six octets, which no longer exist', '-f888808080', '-fc8480808080'],
  [9, 'the last character of each length', '+7f', '+dfbf', '+efbfbf', '+f48fbfbf'],
  [10, 'the last of lengths that go too far', '-f7bfbfbf', '-fbbfbfbfbf', '-fdbfbfbfbfbf'],
  [
    11,
    'around the surrogates and the end of Unicode',
    '+ed9fbf',
    '+ee8080',
    '+efbfbd',
    '+f48fbfbf',
    '-f4908080',
  ],
  [
    12,
    'continuation octets without a start',
    '-80',
    '-bf',
    '-80bf',
    '-80bf80',
    '-80bf80bf',
    '-80bf80bf80',
    '-80bf80bf80bf',
    `-${run(0x80, 0xbe)}`,
  ],
  [
    13,
    'start octets followed by a space',
    `-${run(0xc0, 0xde, '20')}`,
    `-${run(0xe0, 0xee, '20')}`,
    `-${run(0xf0, 0xf6, '20')}`,
    '-f820f920fa20',
    '-fc20',
  ],
  [
    14,
    'sequences without their last octet',
    '-c0',
    '-e080',
    '-f08080',
    '-f8808080',
    '-fc80808080',
    '-df',
    '-efbf',
    '-f7bfbf',
    '-fbbfbfbf',
    '-fdbfbfbfbf',
  ],
  [
    15,
    'all of these unfinished sequences in a row',
    '-c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf',
  ],
  [16, 'octets that UTF-8 never uses', '-fe', '-ff', '-fefeffff'],
  [17, 'a slash in too many octets', '-c0af', '-e080af', '-f08080af', '-f8808080af', '-fc80808080af'],
  [
    18,
    'the highest character in one octet too many',
    '-c1bf',
    '-e09fbf',
    '-f08fbfbf',
    '-f887bfbfbf',
    '-fc83bfbfbfbf',
  ],
  [19, 'NUL in too many octets', '-c080', '-e08080', '-f0808080', '-f880808080', '-fc8080808080'],
  [20, 'single surrogates', '-eda080', '-edadbf', '-edae80', '-edafbf', '-edb080', '-edbe80', '-edbfbf'],
  [
    21,
    'surrogates in pairs',
    '-eda080edb080',
    '-eda080edbfbf',
    '-edadbfedb080',
    '-edadbfedbfbf',
    '-edae80edb080',
    '-edae80edbfbf',
    '-edafbfedb080',
    '-edafbfedbfbf',
  ],
  [22, 'noncharacters, which are allowed', '+efbfbe', '+efbfbf', ...planes().map((octets) => `+${octets}`)],
  [
    23,
    'the end of the basic plane',
    '+efbfb9',
    '+efbfba',
    '+efbfbb',
    '+efbfbc',
    '+efbfbd',
    '+efbfbe',
    '+efbfbf',
  ],
];

/** Each octet from `from` to `to`, with `between` behind it, as hexadecimal. */
function run(from: number, to: number, between = ''): string {
  let octets = '';
  for (let octet = from; octet <= to; octet++) octets += octet.toString(16) + between;
  return octets;
}

/** U+nFFFE and U+nFFFF for planes 1 to 16. */
function planes(): string[] {
  const characters: string[] = [];
  for (let plane = 1; plane <= 16; plane++) {
    for (const low of [0xfffe, 0xffff]) {
      characters.push(Buffer.from(String.fromCodePoint(plane * 0x10000 + low)).toString('hex'));
    }
  }
  return characters;
}

const vectors: readonly Case[] = OCTETS.flatMap(([group, about, ...rows]) =>
  rows.map((row, i) => {
    const payload = hex(row.slice(1));
    const good = row.startsWith('+');
    return define(
      `6.${group}.${i + 1}`,
      [`Text of the octets ${row.slice(1)} (${about}).`, good ? COMES_BACK : FAILED],
      () => (good ? valid(one(payload), payload) : invalid(one(payload))),
    );
  }),
);

export const utf8Cases: readonly Case[] = [...shapes, ...failFast, ...vectors];
