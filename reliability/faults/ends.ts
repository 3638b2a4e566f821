// A peer's RST or FIN in every state that the parsers and the connection can be in.
// Rule: whatever was half said is dropped, the closure comes once, and nothing spins afterwards.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import {
  dial,
  dialWebSocket,
  frame,
  frameHeader,
  gone,
  offersDeflate,
  requestHead,
  write,
} from '../network/raw.ts';
import { atMost, exactly, none } from '../report/check.ts';
import { type Fault, type Finding, onStage, type Setting, scaled } from './fault.ts';
import type { Stage } from './stage.ts';

interface ParserState {
  readonly name: string;
  /** Undefined: the opening handshake is what is cut short. */
  readonly path: string | undefined;
  readonly bytes: Uint8Array | string;
  readonly deflate?: boolean;
  /** Milliseconds to leave the server in this state before the end. */
  readonly wait?: number;
  /** The server reads nothing, so that only its next ping can find out. */
  readonly silent?: boolean;
}

const head = requestHead('/swallow');
const compressed = deflateRawSync(Buffer.alloc(4_096, 'deflate '));

/** Every state of the request head's parser, the frame decoder, the assembler, the inflater and the writing side. */
export const parserStates: readonly ParserState[] = [
  { name: 'connected, nothing said', path: undefined, bytes: '' },
  { name: 'inside the request line', path: undefined, bytes: head.slice(0, 9) },
  { name: 'inside a field', path: undefined, bytes: head.slice(0, 40) },
  { name: 'one byte before the end of the head', path: undefined, bytes: head.slice(0, -1) },
  { name: 'while a handler decides', path: undefined, bytes: requestHead('/slow-decision'), wait: 50 },
  { name: 'behind the head, unread 101', path: undefined, bytes: head, wait: 5 },
  { name: 'open, idle', path: '/swallow', bytes: '' },
  { name: 'after one byte of a header', path: '/swallow', bytes: Buffer.from([0x82]) },
  { name: 'inside a 16-bit length', path: '/swallow', bytes: frameHeader(0x82, 1_000).subarray(0, 3) },
  { name: 'inside a 64-bit length', path: '/swallow', bytes: frameHeader(0x82, 100_000).subarray(0, 6) },
  { name: 'inside the masking key', path: '/swallow', bytes: frameHeader(0x82, 100).subarray(0, 4) },
  { name: 'behind a header', path: '/swallow', bytes: frameHeader(0x82, 100) },
  { name: 'inside a payload', path: '/swallow', bytes: frame(0x82, Buffer.alloc(5_000)).subarray(0, 3_000) },
  { name: 'inside a character of text', path: '/swallow', bytes: frame(0x01, Buffer.from([0xe2, 0x82])) },
  { name: 'between fragments', path: '/swallow', bytes: frame(0x02, 'first') },
  {
    name: 'inside a continuation',
    path: '/swallow',
    bytes: Buffer.concat([frame(0x02, 'first'), frame(0x80, 'second').subarray(0, 9)]),
  },
  { name: 'inside a ping', path: '/swallow', bytes: frame(0x89, 'ping').subarray(0, 8) },
  { name: 'inside a Close', path: '/swallow', bytes: frame(0x88, Buffer.from([3, 232])).subarray(0, 7) },
  {
    name: 'inside a compressed message',
    path: '/swallow',
    bytes: frame(0x41, compressed.subarray(0, 12)),
    deflate: true,
  },
  {
    name: 'while nobody takes the messages',
    path: '/deaf',
    bytes: frame(0x82, Buffer.alloc(200_000)),
    wait: 50,
    silent: true,
  },
];

/** States in which the end meets a server that is writing and awaits nothing but its sends. */
export const writingStates: readonly ParserState[] = [
  { name: 'while the server writes', path: '/pour', bytes: '', wait: 30 },
];

type End = 'RST' | 'FIN';

async function reach({ path, bytes, deflate = false, wait = 0 }: ParserState, port: number): Promise<Socket> {
  const socket =
    path === undefined ? await dial(port) : await dialWebSocket(port, path, deflate ? offersDeflate : '');
  if (bytes.length > 0) await write(socket, bytes);
  if (wait > 0) await sleep(wait);
  return socket;
}

async function end(socket: Socket, how: End): Promise<void> {
  if (how === 'RST') {
    socket.resetAndDestroy();
    return;
  }
  // A half-close: this side still reads until the server has ended too.
  socket.end();
  await Promise.race([gone(socket), sleep(10_000, undefined, { ref: false })]);
  socket.destroy();
}

async function play(stage: Stage, states: readonly ParserState[], rounds: number): Promise<Finding> {
  const problems: string[] = [];
  let played = 0;
  for (const state of states) {
    for (const how of ['RST', 'FIN'] as const) {
      const before = await stage.server.ask('counts');
      const sockets = await Promise.all(Array.from({ length: rounds }, () => reach(state, stage.port)));
      await Promise.all(sockets.map((socket) => end(socket, how)));
      played += rounds;
      const left = await stage.settled(state.silent ? heartbeat * 3 : heartbeat - 500);
      const { opened, ended, messages } = await stage.server.ask('counts');
      if (left > 0) problems.push(`${how} ${state.name}: ${left} connections stay`);
      if (opened - before.opened !== ended - before.ended)
        problems.push(
          `${how} ${state.name}: ${opened - before.opened} opened, ${ended - before.ended} closures`,
        );
      if (messages !== before.messages)
        problems.push(`${how} ${state.name}: part of a message was delivered`);
    }
  }
  const codes = await stage.server.ask('endings');
  const strange = Object.keys(codes).filter((code) => !['1006', '1001'].includes(code));
  const before = await stage.server.ask('cpu');
  await sleep(500);
  const busy = (await stage.server.ask('cpu')) - before;
  return {
    checks: [
      none('states with a missing or second closure, or a partial message', problems),
      none('closures with another code than 1006', strange),
      atMost('processor time of the half second afterwards', busy * 1_000, 50, 'ms'),
      exactly('ends played', played, states.length * 2 * rounds),
      ...(await stage.checkResources()),
    ],
    notes: [
      `${states.length} states, RST and FIN, ${rounds} connections each; closures ${JSON.stringify(codes)}`,
    ],
  };
}

/** Milliseconds; longer than any end but a silent one may take to be noticed. */
const heartbeat = 4_000;

const config = {
  perMessageDeflate: true,
  closeTimeout: 2_000,
  pingInterval: heartbeat,
  pingTimeout: heartbeat,
};

const fault = (name: string, title: string, states: readonly ParserState[]): Fault => ({
  name,
  title,
  run: (setting: Setting) =>
    onStage(
      setting,
      {
        plan: { count: 0, mix: 'mixed', pause: 0 },
        config,
      },
      (stage) => play(stage, states, scaled(setting, 50, 2)),
    ),
});

export const ends = fault('ends', 'RST and FIN in every parser state', parserStates);

export const endsWhileWriting = fault(
  'ends-while-writing',
  'RST and FIN while a handler sends as fast as the peer takes it',
  writingStates,
);
