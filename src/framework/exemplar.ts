/**
 * Finished handshakes that are kept, one of each way in, over sockets that were never connected.
 *
 * The rule of this file: nothing here is used for anything. V8 forgets the hidden class of an object, and throws away
 * the machine code that was optimized for it, once a few garbage collections have found no object of that kind. A
 * server whose connections have all gone would start its next burst in the interpreter; with one of everything kept,
 * of Node's own objects too, a handshake takes half the time. See docs/decisions/handshake-speed.md.
 */
import { Socket } from 'node:net';
import { answer } from './answering.ts';
import { resolveConfig } from './config.ts';
import { type Arrival, type ContextOwner, headOf } from './context.ts';
import { Openings } from './openings.ts';
import type { Match } from './router.ts';

/** `listen`'s own sockets, or those of a node:http server. */
export type WayIn = 'listen' | 'upgrade';

const request = Buffer.from(
  [
    ...['GET / HTTP/1.1', 'Host: localhost:4040', 'Upgrade: websocket', 'Connection: Upgrade'],
    ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13', '', ''],
  ].join('\r\n'),
);

const kept = new Map<WayIn, readonly unknown[]>();

/** Makes them, once in a process for each way in. */
export function keepExemplar(way: WayIn): readonly unknown[] {
  const known = kept.get(way);
  if (known !== undefined) return known;
  const parts: unknown[] = [];
  kept.set(way, parts);
  try {
    if (way === 'listen') overSocket(parts, answering(parts));
    else overHttp(parts, answering(parts));
  } catch {
    // Where something has another HTTP module in its place, that one is slower after a lull, and that is all.
  }
  return parts;
}

/** Carries a handshake through, and keeps what it was carried through with. */
function answering(parts: unknown[]): (arrival: Arrival) => void {
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
  return (arrival) => {
    parts.push(arrival);
    answer(arrival, match, owner);
  };
}

function overSocket(parts: unknown[], arrived: (arrival: Arrival) => void): void {
  const opening = new Openings(Infinity, { arrived, opened: () => {} }).add(new Socket());
  parts.push(opening, opening.transport);
  opening.data(request);
}

/** A server that listens nowhere is handed its one socket: node:http documents that for connections from elsewhere. */
function overHttp(parts: unknown[], arrived: (arrival: Arrival) => void): void {
  // Whoever attaches to a server of node:http has loaded it already; a client shall not have to.
  const server = process.getBuiltinModule('node:http').createServer();
  server.on('upgrade', (incoming, socket, early) => {
    parts.push(incoming, socket);
    arrived({ head: headOf(incoming), socket, early });
  });
  const socket = new Socket();
  // In the order in which an accepted socket gets them.
  server.emit('connection', Object.assign(socket, { server, _server: server }));
  socket.emit('data', request);
}
