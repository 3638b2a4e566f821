/**
 * Groups 2, 3 and 4: pings and pongs, reserved bits, reserved opcodes.
 *
 * Rule: what must fail is followed by a ping, so that a peer that read on gives itself away.
 * RFC 6455 §5.2, §5.5.2, §5.5.3.
 */
import { type FrameSpec, OPCODE } from '../wire/frame.ts';
import type { Chop, SeenEvent } from '../wire/link.ts';
import { type Case, define, failsWith, NORMAL, pong, type ScriptPlot, type Step, text } from './case.ts';

const NOT_UTF8 = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);
const LONGEST = Buffer.alloc(125, 0xfe);
const CLEAN = 'The connection closes normally.';
/** Long enough for a wrong answer to be on its way before the Close that would order it. */
const QUIET = 200;

const ping = (payload: string | Uint8Array = ''): FrameSpec => ({
  opcode: OPCODE.ping,
  payload: Buffer.from(payload),
});
const unasked = (payload: string): FrameSpec => ({ opcode: OPCODE.pong, payload: Buffer.from(payload) });

const exchange = (frames: FrameSpec[], ok: SeenEvent[], chop: Chop = 'whole', rest = 0): ScriptPlot => {
  const steps: Step[] = [{ do: 'send', frames, chop }];
  if (rest > 0) steps.push({ do: 'rest', ms: rest });
  return { kind: 'script', steps, ok, close: NORMAL };
};

const TEN = Array.from({ length: 10 }, (_, i) => `payload-${i}`);

const pings: readonly Case[] = [
  define('2.1', ['A ping without payload.', `An empty pong answers it. ${CLEAN}`], () =>
    exchange([ping()], [pong('')]),
  ),
  define('2.2', ['A ping with a small text payload.', `A pong returns the payload. ${CLEAN}`], () =>
    exchange([ping('Hello, world!')], [pong('Hello, world!')]),
  ),
  define(
    '2.3',
    ['A ping with a small payload that is not UTF-8.', `A pong returns the payload. ${CLEAN}`],
    () => exchange([ping(NOT_UTF8)], [pong(NOT_UTF8)]),
  ),
  define('2.4', ['A ping of 125 octets, the longest there is.', `A pong returns the payload. ${CLEAN}`], () =>
    exchange([ping(LONGEST)], [pong(LONGEST)]),
  ),
  define(
    '2.5',
    ['A ping of 126 octets.', 'The connection is failed with 1002: control frames end at 125 octets.'],
    () => ({
      kind: 'script',
      steps: [{ do: 'send', frames: [ping(Buffer.alloc(126, 0xfe))] }],
      ok: [],
      close: failsWith(1002),
    }),
  ),
  define('2.6', ['A ping of 125 octets, one octet per write.', `A pong returns the payload. ${CLEAN}`], () =>
    exchange([ping(LONGEST)], [pong(LONGEST)], 1),
  ),
  define('2.7', ['A pong nobody asked for, without payload.', `Nothing comes back. ${CLEAN}`], () =>
    exchange([unasked('')], [], 'whole', QUIET),
  ),
  define('2.8', ['A pong nobody asked for, with payload.', `Nothing comes back. ${CLEAN}`], () =>
    exchange([unasked('unsolicited')], [], 'whole', QUIET),
  ),
  define('2.9', ['A pong nobody asked for, then a ping.', `One pong, for the ping. ${CLEAN}`], () =>
    exchange([unasked('unsolicited'), ping('asked')], [pong('asked')]),
  ),
  define('2.10', ['Ten pings, each with its own payload.', `Ten pongs in the same order. ${CLEAN}`], () =>
    exchange(TEN.map(ping), TEN.map(pong)),
  ),
  define('2.11', ['Ten pings, one octet per write.', `Ten pongs in the same order. ${CLEAN}`], () =>
    exchange(TEN.map(ping), TEN.map(pong), 1),
  ),
];

const MESSAGE = 'Hello, world!';
const whole: FrameSpec = { opcode: OPCODE.text, payload: Buffer.from(MESSAGE) };

/** A frame that must end the connection, alone or after a good message and before a ping. */
const fatal = (bad: FrameSpec, among: boolean, chop: Chop = 'whole'): ScriptPlot => ({
  kind: 'script',
  steps: [{ do: 'send', frames: among ? [whole, bad, ping()] : [bad], chop }],
  ok: among ? [text(MESSAGE)] : [],
  ...(among ? { nonStrict: [[]] } : {}),
  close: failsWith(1002),
});

interface ReservedRow {
  readonly id: string;
  readonly bad: FrameSpec;
  readonly what: string;
  readonly among?: true;
  readonly chop?: Chop;
}

const rsv = (value: number, opcode: number, payload: string | Uint8Array = MESSAGE): FrameSpec => ({
  opcode,
  rsv: value,
  payload: Buffer.from(payload),
});

const RESERVED_BITS: readonly ReservedRow[] = [
  { id: '3.1', bad: rsv(1, OPCODE.text), what: 'A text message with RSV 1' },
  { id: '3.2', bad: rsv(2, OPCODE.text), what: 'a text message with RSV 2', among: true },
  { id: '3.3', bad: rsv(3, OPCODE.text), what: 'a text message with RSV 3', among: true, chop: 'frames' },
  { id: '3.4', bad: rsv(4, OPCODE.text), what: 'a text message with RSV 4', among: true, chop: 1 },
  { id: '3.5', bad: rsv(5, OPCODE.binary, NOT_UTF8), what: 'A binary message with RSV 5' },
  { id: '3.6', bad: rsv(6, OPCODE.ping), what: 'A ping with RSV 6' },
  { id: '3.7', bad: rsv(7, OPCODE.close, Buffer.from([0x03, 0xe8])), what: 'A Close with RSV 7' },
];

const opcodeRows = (group: number, opcodes: readonly number[]): ReservedRow[] =>
  opcodes.map((opcode, i) => ({
    id: `4.${group}.${i + 1}`,
    bad: { opcode, payload: Buffer.from(i === 0 || i === 2 ? '' : MESSAGE) },
    what: `a frame with the reserved opcode ${opcode}`,
    ...(i >= 2 ? { among: true as const } : {}),
  }));

const chopText = (chop: Chop | undefined): string =>
  chop === undefined ? '' : chop === 'frames' ? ', one frame per write' : `, ${chop} octet per write`;

const reserved = [
  ...RESERVED_BITS,
  ...opcodeRows(1, [3, 4, 5, 6, 7]),
  ...opcodeRows(2, [11, 12, 13, 14, 15]),
].map(({ id, bad, what, among, chop }) =>
  define(
    id,
    among
      ? [
          `A good message, then ${what}, then a ping${chopText(chop)}.`,
          'The good message comes back, the connection is failed with 1002, and no pong is sent.',
        ]
      : [`${what.charAt(0).toUpperCase()}${what.slice(1)}.`, 'The connection is failed with 1002.'],
    () => fatal(bad, among === true, chop),
  ),
);

export const controlCases: readonly Case[] = [...pings, ...reserved];
