/**
 * The client-facing side of the API Gateway emulator, served by the project's own engine.
 *
 * API Gateway's rules hold here: a frame has at most 32 KiB and a message 128 KiB (else Close 1009), a binary message
 * is answered with Close 1003, and messages to the client are text in frames of at most 32 KiB.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Connection, WebSocketContext } from '../../../src/index.ts';

const frameLimit = 32 * 1024;
export const messageLimit = 128 * 1024;

/** One open connection to a client. */
export interface GatewaySocket {
  /** Sends UTF-8 bytes as one text message. */
  send(text: Buffer): void;
  close(code: number, reason: string): void;
}

/** What the emulator is told about a connection. */
export interface GatewaySocketEvents {
  text(message: string): void;
  /** @param code 1005 when the client gave none, 1006 when it was lost */
  closed(code: number, reason: string): void;
}

/** Completes an opening handshake, with this subprotocol or with none. */
export async function acceptSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  subprotocol: string | undefined,
  events: GatewaySocketEvents,
): Promise<GatewaySocket> {
  const context = WebSocketContext.from(request, socket, head);
  const config = {
    maxFrameSize: frameLimit,
    maxMessageSize: messageLimit,
    subprotocols: () => subprotocol,
    origins: '*',
    pingInterval: 0,
  } as const;
  return new Promise((resolve, reject) => {
    const session = async (connection: Connection) => {
      resolve(socketOver(connection));
      await receive(connection, events);
    };
    context.respond(context.upgradeWith(config, session)).catch(reject);
  });
}

async function receive(connection: Connection, events: GatewaySocketEvents): Promise<void> {
  for await (const message of connection) {
    if (typeof message === 'string') events.text(message);
    else void connection.close(1003);
  }
  const { code, reason } = await connection.closed;
  events.closed(code, reason);
}

const socketOver = (connection: Connection): GatewaySocket => ({
  send: (text) => void connection.send(pieces(text.toString())),
  close: (code, reason) => void connection.close(code, reason),
});

/** A text in pieces that have at most 32 KiB of UTF-8, whatever its characters. */
async function* pieces(text: string): AsyncGenerator<string> {
  const size = frameLimit / 4;
  for (let start = 0; start === 0 || start < text.length; start += size)
    yield text.slice(start, start + size);
}
