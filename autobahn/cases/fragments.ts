/**
 * Group 5: fragmented messages, control frames between fragments, and continuations of nothing.
 *
 * Rule: each case is a run of frames, how it is cut, and what it must lead to. RFC 6455 §5.4.
 */
import { type FrameSpec, OPCODE } from '../wire/frame.ts';
import type { Chop, SeenEvent } from '../wire/link.ts';
import { type Case, define, failsWith, NORMAL, pong, type ScriptPlot, type Step, text } from './case.ts';

const first = (payload: string): FrameSpec => ({
  opcode: OPCODE.text,
  fin: false,
  payload: Buffer.from(payload),
});
const middle = (payload: string): FrameSpec => ({
  opcode: OPCODE.continuation,
  fin: false,
  payload: Buffer.from(payload),
});
const last = (payload: string): FrameSpec => ({ opcode: OPCODE.continuation, payload: Buffer.from(payload) });
const whole = (payload: string): FrameSpec => ({ opcode: OPCODE.text, payload: Buffer.from(payload) });
const ping = (payload: string): FrameSpec => ({ opcode: OPCODE.ping, payload: Buffer.from(payload) });

const MESSAGE = 'fragment1fragment2';
const PAIR = [first('fragment1'), last('fragment2')];

const carries = (frames: FrameSpec[], ok: SeenEvent[], chop: Chop = 'whole'): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames, chop }],
  ok,
  close: NORMAL,
});

const fails = (frames: FrameSpec[], chop: Chop = 'whole', echoed: SeenEvent[] = []): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames, chop }],
  ok: echoed,
  ...(echoed.length > 0 ? { nonStrict: [[]] } : {}),
  close: failsWith(1002),
});

const CHOPS: readonly { chop: Chop; words: string }[] = [
  { chop: 'whole', words: 'in one write' },
  { chop: 'frames', words: 'one frame per write' },
  { chop: 1, words: 'one octet per write' },
];
const COMES_BACK = 'The message comes back whole.';
const FAILED = 'The connection is failed with 1002: there is nothing to continue.';

const threeCuts = (
  from: number,
  what: string,
  expectation: string,
  plot: (chop: Chop) => ScriptPlot,
): Case[] =>
  CHOPS.map(({ chop, words }, i) =>
    define(`5.${from + i}`, [`${what}, ${words}.`, expectation], () => plot(chop)),
  );

const broken = (opcode: number): ScriptPlot =>
  fails([
    { opcode, fin: false, payload: Buffer.from('fragment1') },
    { opcode, payload: Buffer.from('fragment2') },
  ]);

const nothing = (fin: boolean): FrameSpec => (fin ? last('of nothing') : middle('of nothing'));

const LONG_MESSAGE = 'fragment1fragment2fragment3fragment4fragment5';

const slow = (chop: Chop): ScriptPlot => {
  const steps: Step[] = [
    { do: 'send', frames: [first('fragment1'), middle('fragment2'), ping('pongme 1!')], chop },
    { do: 'wait', tag: 'A' },
    {
      do: 'send',
      frames: [middle('fragment3'), middle('fragment4'), ping('pongme 2!'), last('fragment5')],
      chop,
    },
  ];
  const ok: SeenEvent[] = [
    pong('pongme 1!'),
    { kind: 'timeout', tag: 'A' },
    pong('pongme 2!'),
    text(LONG_MESSAGE),
  ];
  return { kind: 'script', steps, ok, close: NORMAL };
};

const PATIENT = [
  'Two text fragments and a ping; a second later two more fragments, a ping, and the last fragment',
  'The first pong comes before the pause is over, the second before the message; then the message comes back.',
] as const;

const repeated = (fin: boolean): FrameSpec[] => [nothing(fin), ...PAIR, nothing(fin), ...PAIR];

export const fragmentCases: readonly Case[] = [
  define('5.1', ['A ping in two fragments.', 'The connection is failed with 1002.'], () =>
    broken(OPCODE.ping),
  ),
  define('5.2', ['A pong in two fragments.', 'The connection is failed with 1002.'], () =>
    broken(OPCODE.pong),
  ),
  ...threeCuts(3, 'A text message in two fragments', COMES_BACK, (chop) =>
    carries(PAIR, [text(MESSAGE)], chop),
  ),
  ...threeCuts(6, 'A ping between two text fragments', 'A pong comes, then the message.', (chop) =>
    carries([first('fragment1'), ping('ping'), last('fragment2')], [pong('ping'), text(MESSAGE)], chop),
  ),
  ...threeCuts(9, 'A final continuation of nothing, then a text message', FAILED, (chop) =>
    fails([nothing(true), whole('Hello, world!')], chop),
  ),
  ...threeCuts(12, 'An unfinished continuation of nothing, then a text message', FAILED, (chop) =>
    fails([nothing(false), whole('Hello, world!')], chop),
  ),
  define(
    '5.15',
    [
      'A message in two fragments, an unfinished continuation of nothing, then a text message, in one write.',
      `The first message comes back. ${FAILED}`,
    ],
    () => fails([...PAIR, nothing(false), whole('Hello, world!')], 'whole', [text(MESSAGE)]),
  ),
  define(
    '5.16',
    ['Twice: an unfinished continuation of nothing, then a message in two fragments.', FAILED],
    () => fails(repeated(false)),
  ),
  define('5.17', ['Twice: a final continuation of nothing, then a message in two fragments.', FAILED], () =>
    fails(repeated(true)),
  ),
  define(
    '5.18',
    [
      'A message in two fragments that both say they are text.',
      'The connection is failed with 1002: a message began inside another.',
    ],
    () => fails([first('fragment1'), whole('fragment2')]),
  ),
  define('5.19', [`${PATIENT[0]}.`, PATIENT[1]], () => slow('whole')),
  define('5.20', [`${PATIENT[0]}, one frame per write.`, PATIENT[1]], () => slow('frames')),
];
