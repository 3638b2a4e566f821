/**
 * Group 22: rules of the frame header and of text that the original never tries.
 *
 * Rule: each bad frame is alone on its connection, so nothing else can be the reason it failed.
 * RFC 6455 §5.1 to §5.5, §7.4, §8.1.
 */
import { type FrameSpec, type LengthForm, OPCODE } from '../wire/frame.ts';
import type { Chop, SeenEvent } from '../wire/link.ts';
import {
  type Case,
  type CloseExpectation,
  define,
  failsWith,
  type Judges,
  NORMAL,
  pong,
  type ScriptPlot,
  text,
  timeout,
} from './case.ts';
import { closeFrame } from './closing.ts';
import { filling } from './echo.ts';

const HELLO = 'Hello, world!';

const fails = (frames: FrameSpec[], ...codes: number[]): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames }],
  ok: [],
  close: failsWith(...codes),
});
const carries = (frames: FrameSpec[], ok: SeenEvent[], chop: Chop = 'whole'): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames, chop }],
  ok,
  close: NORMAL,
});

const PROTOCOL_ERROR = 'The connection is failed with 1002.';

const LONGER_FORMS: readonly { length: number; form: LengthForm; opcode: number; name: string }[] = [
  ...[0, 1, 125].map((length) => ({ length, form: 16 as const, opcode: OPCODE.text, name: 'text' })),
  ...[0, 125, 126, 65535].map((length) => ({ length, form: 64 as const, opcode: OPCODE.text, name: 'text' })),
  ...[0, 125].map((length) => ({ length, form: 16 as const, opcode: OPCODE.ping, name: 'ping' })),
  ...[0, 125].map((length) => ({ length, form: 64 as const, opcode: OPCODE.ping, name: 'ping' })),
  { length: 2, form: 16, opcode: OPCODE.close, name: 'Close' },
];

const longer = LONGER_FORMS.map(({ length, form, opcode, name }, i) => {
  const payload = opcode === OPCODE.close ? Buffer.from([0x03, 0xe8]) : filling(length, false);
  return define(
    `22.1.${i + 1}`,
    [
      `A ${name} frame of ${length} octets with its length in ${form} bits.`,
      `${PROTOCOL_ERROR} The shortest form is a must.`,
    ],
    () => fails([{ opcode, payload, form }], 1002),
  );
});

const claim = (octets: bigint): FrameSpec => ({ opcode: OPCODE.binary, claim: octets, form: 64 });
const CLAIMS: readonly (readonly [what: string, octets: bigint, ...codes: number[]])[] = [
  ['2^63 octets, the bit that must be 0', 1n << 63n, 1002, 1009],
  ['2^64 - 1 octets', (1n << 64n) - 1n, 1002, 1009],
  ['2^63 - 1 octets', (1n << 63n) - 1n, 1009],
  ['2^53 octets', 1n << 53n, 1009],
  ['2^32 + 1 octets', (1n << 32n) + 1n, 1009],
];

const claims = CLAIMS.map(([what, octets, ...codes], i) =>
  define(
    `22.2.${i + 1}`,
    [
      `A header that claims ${what}, and nothing behind it.`,
      `Failed with ${codes.join(' or ')} at the header.`,
    ],
    () => fails([claim(octets)], ...codes),
  ),
);

const KINDS: readonly (readonly [name: string, frame: FrameSpec])[] = [
  ['text', { opcode: OPCODE.text, payload: Buffer.from(HELLO) }],
  ['empty text', { opcode: OPCODE.text }],
  ['binary', { opcode: OPCODE.binary, payload: Buffer.from(HELLO) }],
  ['ping', { opcode: OPCODE.ping }],
  ['Close', closeFrame(1000)],
];

const masked = (group: number, mask: 'never' | 'always', judges: Judges, words: string): Case[] =>
  KINDS.map(([name, frame], i) =>
    define(
      `22.${group}.${i + 1}`,
      [`A ${name} frame, ${words}.`, PROTOCOL_ERROR],
      () => fails([{ ...frame, mask }], 1002),
      { judges },
    ),
  );

const masks: readonly Case[] = [
  ...masked(3, 'never', 'server', 'unmasked, from a client'),
  ...masked(4, 'always', 'client', 'masked, from a server'),
  define(
    '22.5.1',
    ['A text frame with a masking key of four zero octets.', 'The message comes back.'],
    () =>
      carries([{ opcode: OPCODE.text, payload: Buffer.from(HELLO), mask: Buffer.alloc(4) }], [text(HELLO)]),
    { judges: 'server' },
  ),
];

const started: FrameSpec = { opcode: OPCODE.text, fin: false, payload: Buffer.from('Hello, ') };
const finish = (rsv: number): FrameSpec => ({
  opcode: OPCODE.continuation,
  rsv,
  payload: Buffer.from('world!'),
});

const bits: readonly Case[] = [4, 2, 1].flatMap((rsv, i) => [
  define(`22.6.${i + 1}`, [`A continuation with RSV ${rsv}.`, PROTOCOL_ERROR], () =>
    fails([started, finish(rsv)], 1002),
  ),
  define(`22.6.${i + 4}`, [`A pong with RSV ${rsv}.`, PROTOCOL_ERROR], () =>
    fails([{ opcode: OPCODE.pong, rsv }], 1002),
  ),
]);

const closes = (code: number, expected: CloseExpectation): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'closing', frames: [closeFrame(code)], code }],
  ok: [],
  close: expected,
});

const codes: readonly Case[] = [
  ...[1012, 1013, 1014, 3001, 4500].map((code, i) =>
    define(
      `22.7.${i + 1}`,
      [`A Close with the registered code ${code}.`, 'Closed with the same code, or 1000.'],
      () => closes(code, { by: 'suite', codes: [code, 1000], clean: true }),
    ),
  ),
  ...[1, 1015, 1017, 1999, 2500, 5000, 65535].map((code, i) =>
    define(
      `22.8.${i + 1}`,
      [`A Close with the code ${code}, which must not be sent.`, 'Closed with 1002, or TCP is dropped.'],
      () => closes(code, { by: 'suite', codes: [1002], clean: false }),
    ),
  ),
];

const IMPOSSIBLE = ['ff', '80', 'c0', 'c1', 'e080', 'e09f', 'eda0', 'f080', 'f490', 'f5', 'c220', 'e28220'];

/** Failing only at the end of the message is allowed, but late. */
const late = (frames: FrameSpec[]): ScriptPlot => ({
  kind: 'script',
  steps: [
    { do: 'send', frames },
    { do: 'wait', tag: 'A' },
    { do: 'send', frames: [{ opcode: OPCODE.continuation, payload: Buffer.from('end') }] },
  ],
  ok: [],
  nonStrict: [[timeout('A')]],
  close: failsWith(1007),
});

const failFast: readonly Case[] = IMPOSSIBLE.flatMap((octets, i) => {
  const bad = Buffer.from(octets, 'hex');
  const split: FrameSpec[] = [...bad].map((octet, at) => ({
    opcode: at === 0 ? OPCODE.text : OPCODE.continuation,
    fin: false,
    payload: Buffer.from([octet]),
  }));
  const words =
    'Failed with 1007 at once, since nothing that may follow can make it UTF-8; failing at the end is NON-STRICT.';
  return [
    define(`22.9.${i + 1}`, [`The octets ${octets} in a text fragment with more to come.`, words], () =>
      late([{ opcode: OPCODE.text, fin: false, payload: bad }]),
    ),
    define(
      `22.10.${i + 1}`,
      [`The octets ${octets}, one in each of ${bad.length} fragments, with more to come.`, words],
      () => late(split),
    ),
  ];
});

const between: readonly Case[] = [
  define(
    '22.11.1',
    ['A pong nobody asked for between two fragments, one octet per write.', 'The message comes back.'],
    () => carries([started, { opcode: OPCODE.pong, payload: Buffer.from('x') }, finish(0)], [text(HELLO)], 1),
  ),
  define(
    '22.11.2',
    ['A ping before a message of two fragments and one between them.', 'Two pongs, then the message.'],
    () => {
      const ping = (payload: string): FrameSpec => ({ opcode: OPCODE.ping, payload: Buffer.from(payload) });
      return carries(
        [ping('1'), started, ping('2'), finish(0)],
        [pong('1'), pong('2'), text(HELLO)],
        'frames',
      );
    },
  ),
  define('22.11.3', ['A binary message inside an unfinished text message.', PROTOCOL_ERROR], () =>
    fails([started, { opcode: OPCODE.binary, payload: Buffer.from('x') }], 1002),
  ),
];

export const frameRuleCases: readonly Case[] = [
  ...longer,
  ...claims,
  ...masks,
  ...bits,
  ...codes,
  ...failFast,
  ...between,
];
