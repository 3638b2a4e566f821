/**
 * Two finished handshakes that are kept: one of each way in, over sockets that were never connected.
 *
 * The rule of this file: nothing here is used for anything. V8 forgets the hidden class of an object, and throws away
 * the machine code that was optimized for it, once a few garbage collections have found no object of that kind. A
 * server whose connections have all gone would start its next burst in the interpreter; with one of everything kept it
 * takes a handshake in three quarters of the time. See docs/decisions/handshake-speed.md.
 */
import { Socket } from 'node:net';
import { answer } from './answering.ts';
import { resolveConfig } from './config.ts';
import { type Arrival, type ContextOwner, headOf } from './context.ts';
import { Openings } from './openings.ts';
import type { Match } from './router.ts';

const rawHeaders = [
  ...['Host', 'localhost:4040'],
  ...['Upgrade', 'websocket'],
  ...['Connection', 'Upgrade'],
  ...['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ...['Sec-WebSocket-Version', '13'],
];

let kept: readonly unknown[] | undefined;

/** Makes them, once in a process. */
export function keepExemplar(): readonly unknown[] {
  kept ??= shakeHands();
  return kept;
}

function shakeHands(): readonly unknown[] {
  const parts: unknown[] = [];
  const owner: ContextOwner = { config: resolveConfig(), closed: () => {} };
  const match: Match = {
    params: {},
    handler: (context) => {
      const response = context.upgrade(async (connection) => {
        parts.push(connection);
        await connection.recv();
      });
      parts.push(context, response);
      return response;
    },
  };
  const arrived = (arrival: Arrival): void => {
    parts.push(arrival);
    answer(arrival, match, owner);
  };
  const raw = new Openings(Infinity, { arrived, opened: () => {} }).add(new Socket());
  const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  raw.data(Buffer.from(`GET / HTTP/1.1\r\n${lines.join('')}\r\n`));
  arrived({
    head: headOf({ method: 'GET', url: '/', rawHeaders }),
    socket: new Socket(),
    early: Buffer.alloc(0),
  });
  return [...parts, raw, raw.transport];
}
