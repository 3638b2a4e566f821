/**
 * Servers with evil intent, for clients to fall into, and a watch on what escapes.
 *
 * The rule of this file: after every trap nothing has escaped to the process and every socket of the client is gone.
 */
import type { Socket } from 'node:net';
import { type Connection, type ConnectOptions, connect, HandshakeError } from 'framewright';
import { expect, it } from 'vitest';
import { goodLines, type Heard, Hostile, headText } from '../framework/client/hostile.ts';

export { goodLines, type Heard, type Hostile, headText } from '../framework/client/hostile.ts';

export interface Trap {
  readonly server: Hostile;
  /** Connects; what it opens is dropped at the end. */
  open(options?: ConnectOptions): Promise<Connection>;
  /** Connects, and expects to be refused. */
  refused(options?: ConnectOptions): Promise<HandshakeError>;
}

/** Springs a trap: a server that answers requests like this, and what a client has to make of it. */
export function trap(
  name: string,
  answer: (socket: Socket, request: Heard) => void,
  run: (trap: Trap) => Promise<void>,
): void {
  it(name, { timeout: 20_000 }, async () => {
    const escaped: unknown[] = [];
    const note = (error: unknown): void => {
      escaped.push(error);
    };
    process.on('uncaughtException', note);
    process.on('unhandledRejection', note);
    const server = await Hostile.listen(answer);
    const opened: Connection[] = [];
    const open = async (options: ConnectOptions = {}): Promise<Connection> => {
      const connection = await connect(server.url, { handshakeTimeout: 3_000, ...options });
      opened.push(connection);
      return connection;
    };
    const refused = async (options: ConnectOptions = {}): Promise<HandshakeError> => {
      const error = await open(options).catch((reason: unknown) => reason);
      if (error instanceof HandshakeError) return error;
      throw new Error(`no refusal, but ${String(error)}`);
    };
    try {
      await run({ server, open, refused });
      for (const connection of opened) connection.terminate();
      for (const socket of server.sockets) socket.resume();
      expect(await server.deserted()).toBe(true);
    } finally {
      await server.close();
      await new Promise((resolve) => setImmediate(resolve));
      process.off('uncaughtException', note);
      process.off('unhandledRejection', note);
    }
    expect(escaped).toEqual([]);
  });
}

/** Opens the WebSocket, then sends these bytes in the same segment. */
export const opensWith =
  (bytes: Uint8Array, ...more: readonly string[]) =>
  (socket: Socket, { key }: Heard): void => {
    socket.write(Buffer.concat([Buffer.from(headText([...goodLines(key), ...more]), 'latin1'), bytes]));
  };
