/**
 * Group 23: many small things at once.
 *
 * Rule: a flood must be carried or refused by a limit with a code that says so; it must never
 * stall the connection. RFC 6455 §5.4, §5.5.3, §10.4.
 */
import { type FrameSpec, OPCODE } from '../wire/frame.ts';
import type { SeenEvent } from '../wire/link.ts';
import { type Case, define, NORMAL, pong, type ScriptPlot, type Step, text } from './case.ts';
import { filling, fragments } from './echo.ts';

const PATIENCE = 30_000;
const HELLO = 'Hello, world!';
const whole = (payload: string): FrameSpec => ({ opcode: OPCODE.text, payload: Buffer.from(payload) });
const many = (count: number, frame: (i: number) => FrameSpec): FrameSpec[] =>
  Array.from({ length: count }, (_, i) => frame(i));
const ping = (i: number): FrameSpec => ({ opcode: OPCODE.ping, payload: Buffer.from(`ping ${i}`) });

const carries = (steps: Step[], ok: SeenEvent[], more: Partial<ScriptPlot> = {}): ScriptPlot => ({
  kind: 'script',
  steps,
  ok,
  close: NORMAL,
  patience: PATIENCE,
  ...more,
});

const emptyFragments = (count: number): FrameSpec[] => [
  { opcode: OPCODE.text, fin: false },
  ...many(count - 2, () => ({ opcode: OPCODE.continuation, fin: false })),
  { opcode: OPCODE.continuation },
];

const LIMITS = [1008, 1009];
const OR_REFUSED = 'or is refused with 1008 or 1009';

export const floodCases: readonly Case[] = [
  define(
    '23.1.1',
    ['1000 pings at once.', 'The connection lives and the last ping is answered; others may go unanswered.'],
    () => carries([{ do: 'send', frames: many(1000, ping) }], [pong('ping 999')], { lastPongs: true }),
    { cost: 2 },
  ),
  define(
    '23.1.2',
    [
      '20000 pings of 125 octets while the suite does not read, then a message.',
      `The last ping is answered and the message comes back, ${OR_REFUSED}.`,
    ],
    () => {
      const frames = many(20_000, (i) => ({ opcode: OPCODE.ping, payload: Buffer.alloc(125, `ping ${i} `) }));
      const last = frames.at(-1)?.payload ?? Buffer.alloc(0);
      const steps: Step[] = [
        { do: 'pause' },
        { do: 'send', frames },
        { do: 'rest', ms: 200 },
        { do: 'resume' },
        { do: 'send', frames: [whole(HELLO)] },
      ];
      return carries(steps, [pong(last), text(HELLO)], { lastPongs: true, orRefuses: LIMITS });
    },
    { cost: 2 },
  ),
  define('23.1.3', ['10000 pongs nobody asked for, then a message.', 'Only the message comes back.'], () =>
    carries(
      [
        {
          do: 'send',
          frames: [...many(10_000, () => ({ opcode: OPCODE.pong, payload: Buffer.from('x') })), whole(HELLO)],
        },
      ],
      [text(HELLO)],
    ),
  ),
  define('23.2.1', ['A message of 1000 empty fragments.', 'An empty message comes back.'], () =>
    carries([{ do: 'send', frames: emptyFragments(1000) }], [text('')]),
  ),
  define(
    '23.2.2',
    ['A message of 100000 empty fragments.', `An empty message comes back, ${OR_REFUSED}.`],
    () => carries([{ do: 'send', frames: emptyFragments(100_000) }], [text('')], { orRefuses: LIMITS }),
    { cost: 2 },
  ),
  define('23.2.3', ['A message of 1000 fragments of one octet.', 'The message comes back.'], () => {
    const payload = filling(1000, false);
    return carries([{ do: 'send', frames: fragments(OPCODE.text, payload, 1) }], [text(payload)]);
  }),
  define(
    '23.2.4',
    ['A message of 100000 fragments of one octet.', `The message comes back, ${OR_REFUSED}.`],
    () => {
      const payload = filling(100_000, false);
      return carries([{ do: 'send', frames: fragments(OPCODE.text, payload, 1) }], [text(payload)], {
        orRefuses: LIMITS,
      });
    },
    { cost: 2 },
  ),
  define(
    '23.3.1',
    ['10000 messages of two octets in one write.', 'All come back in order.'],
    () => {
      const words = Array.from({ length: 10_000 }, (_, i) => String(i % 100).padStart(2, '0'));
      return carries([{ do: 'send', frames: words.map(whole) }], words.map(text));
    },
    { cost: 2 },
  ),
  define(
    '23.3.2',
    ['A text message of 64 KiB, one octet per write.', 'The message comes back.'],
    () => {
      const payload = filling(65536, false);
      return carries([{ do: 'send', frames: [{ opcode: OPCODE.text, payload }], chop: 1 }], [text(payload)]);
    },
    { cost: 2 },
  ),
];
