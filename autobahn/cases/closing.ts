/**
 * Group 7: the closing handshake, close payloads and close codes.
 *
 * Rule: the suite always closes first here; the question is what the peer does then.
 * RFC 6455 §5.5.1, §7.1, §7.4.
 */
import { type FrameSpec, OPCODE } from '../wire/frame.ts';
import type { SeenEvent } from '../wire/link.ts';
import { type Case, type CloseExpectation, define, NORMAL, type ScriptPlot, text } from './case.ts';
import { filling } from './echo.ts';

const message = (payload: string): FrameSpec => ({ opcode: OPCODE.text, payload: Buffer.from(payload) });
const ping: FrameSpec = { opcode: OPCODE.ping };

export function closeFrame(code: number | null, reason: string | Uint8Array = ''): FrameSpec {
  if (code === null) return { opcode: OPCODE.close };
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return { opcode: OPCODE.close, payload: Buffer.concat([head, Buffer.from(reason)]) };
}

const closing = (
  frames: FrameSpec[],
  code: number | null,
  ok: SeenEvent[] = [],
  close: CloseExpectation = NORMAL,
): ScriptPlot => ({ kind: 'script', steps: [{ do: 'closing', frames, code }], ok, close });

/** The peer may fail the connection, or answer with a code that says what was wrong. */
const wrong = (...codes: number[]): CloseExpectation => ({ by: 'suite', codes, clean: false });

const HELLO = 'Hello World!';
const NORMALLY = 'The connection closes normally';
const BAD_REASON = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex');

const orders: readonly Case[] = [
  define('7.1.1', ['A message, then a Close.', `The message comes back. ${NORMALLY}.`], () =>
    closing([message(HELLO), closeFrame(1000)], 1000, [text(HELLO)]),
  ),
  define('7.1.2', ['Two Close frames.', `${NORMALLY}; the second is ignored.`], () =>
    closing([closeFrame(1000), closeFrame(1000)], 1000),
  ),
  define('7.1.3', ['A Close, then a ping.', `${NORMALLY}; no pong is sent.`], () =>
    closing([closeFrame(1000), ping], 1000),
  ),
  define('7.1.4', ['A Close, then a text message.', `${NORMALLY}; the message is ignored.`], () =>
    closing([closeFrame(1000), message(HELLO)], 1000),
  ),
  define(
    '7.1.5',
    ['A first fragment, a Close, then the last fragment.', `${NORMALLY}; there is no message.`],
    () =>
      closing(
        [
          { opcode: OPCODE.text, fin: false, payload: Buffer.from('fragment1') },
          closeFrame(1000),
          { opcode: OPCODE.continuation, payload: Buffer.from('fragment2') },
        ],
        1000,
      ),
  ),
  define(
    '7.1.6',
    [
      'A message of 256 KiB, a short one, a Close and a ping, all at once.',
      'For information: whether the messages come back before the Close depends on the peer.',
    ],
    () => {
      const large = filling(256 * 1024, false);
      const frames = [{ opcode: OPCODE.text, payload: large }, message(HELLO), closeFrame(1000), ping];
      return { ...closing(frames, 1000, [text(large), text(HELLO)]), informational: true };
    },
  ),
];

const payloads: readonly Case[] = [
  define('7.3.1', ['A Close without payload.', `${NORMALLY}.`], () => closing([closeFrame(null)], null)),
  define('7.3.2', ['A Close with a payload of one octet.', 'Closed with 1002, or TCP is dropped.'], () =>
    closing([{ opcode: OPCODE.close, payload: Buffer.from('a') }], null, [], wrong(1002)),
  ),
  define('7.3.3', ['A Close with a code and no reason.', `${NORMALLY}.`], () =>
    closing([closeFrame(1000)], 1000),
  ),
  define('7.3.4', ['A Close with a code and a reason.', `${NORMALLY}.`], () =>
    closing([closeFrame(1000, HELLO)], 1000),
  ),
  define('7.3.5', ['A Close with the longest reason, 123 octets.', `${NORMALLY}.`], () =>
    closing([closeFrame(1000, '*'.repeat(123))], 1000),
  ),
  define(
    '7.3.6',
    ['A Close with a reason of 124 octets, a payload of 126.', 'Closed with 1002, or TCP is dropped.'],
    () => closing([closeFrame(1000, '*'.repeat(124))], 1000, [], wrong(1002)),
  ),
  define(
    '7.5.1',
    ['A Close whose reason is not UTF-8.', 'Closed with 1007 or 1002, or TCP is dropped.'],
    () => closing([closeFrame(1000, BAD_REASON)], 1000, [], wrong(1007, 1002)),
  ),
];

const GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const BAD_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];

const codes: readonly Case[] = [
  ...GOOD_CODES.map((code, i) =>
    define(
      `7.7.${i + 1}`,
      [`A Close with the code ${code}.`, `${NORMALLY}, with the same code or 1000.`],
      () => closing([closeFrame(code)], code, [], { by: 'suite', codes: [1000, code], clean: true }),
    ),
  ),
  ...BAD_CODES.map((code, i) =>
    define(
      `7.9.${i + 1}`,
      [`A Close with the code ${code}, which must not be sent.`, 'Closed with 1002, or TCP is dropped.'],
      () => closing([closeFrame(code)], code, [], wrong(1002)),
    ),
  ),
  ...[5000, 65535].map((code, i) =>
    define(
      `7.13.${i + 1}`,
      [`A Close with the code ${code}, beyond every range.`, 'For information: the RFC does not say.'],
      () => ({
        ...closing([closeFrame(code)], code, [], wrong(1002)),
        informational: true,
      }),
    ),
  ),
];

export const closingCases: readonly Case[] = [...orders, ...payloads, ...codes];
