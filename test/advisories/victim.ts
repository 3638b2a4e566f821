/**
 * Servers to attack: the engine's own and one attached to node:http, both with an echo, and a watch on what escapes.
 *
 * The rule of this file: after every attack nothing has escaped to the process and an honest client is still served.
 */
import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Config, type Connection, listen, type SessionHandler, upgradeWith } from 'framewright';
import { expect, it } from 'vitest';
import { clientFrame, headOf, openingLines, Wire } from '../framework/wire.ts';

export { clientFrame, closePayload, headOf, openingLines, serverFrame, Wire } from '../framework/wire.ts';

/** The opening request of an honest client. */
export const opening = headOf(openingLines());

export const echo: SessionHandler = async (connection) => {
  for await (const message of connection) await connection.send(message);
};

export interface Victim {
  readonly port: number;
  readonly opened: Connection[];
}

/** Runs an attack on both kinds of server. */
export function attack(
  name: string,
  run: (victim: Victim) => Promise<void>,
  {
    config = {},
    handler = echo,
    timeout = 20_000,
  }: { config?: Config; handler?: SessionHandler; timeout?: number } = {},
): void {
  for (const kind of ['its own server', 'node:http']) {
    it(`${name} (${kind})`, { timeout }, async () => {
      const escaped: unknown[] = [];
      const note = (error: unknown): void => {
        escaped.push(error);
      };
      process.on('uncaughtException', note);
      process.on('unhandledRejection', note);
      const opened: Connection[] = [];
      const session: SessionHandler = (connection) => {
        opened.push(connection);
        return handler(connection);
      };
      const { port, close } =
        kind === 'node:http' ? await attached(config, session) : await ownServer(config, session);
      try {
        await run({ port, opened });
        await serveHonestly(port, handler);
      } finally {
        Wire.destroyAll();
        await close();
        await new Promise((resolve) => setImmediate(resolve));
        process.off('uncaughtException', note);
        process.off('unhandledRejection', note);
      }
      expect(escaped).toEqual([]);
    });
  }
}

async function ownServer(config: Config, handler: SessionHandler) {
  const server = await listen(
    { port: 0, host: '127.0.0.1' },
    { '/ws': (one) => one.upgrade(handler) },
    config,
  );
  return { port: server.port, close: () => server.close({ timeout: 100 }) };
}

async function attached(config: Config, handler: SessionHandler) {
  const server = createServer((_request, response) => response.end('plain'));
  server.on('upgrade', upgradeWith(config, { '/ws': (one) => one.upgrade(handler) }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, close };
}

async function serveHonestly(port: number, handler: SessionHandler): Promise<void> {
  const wire = await Wire.open(port);
  wire.write(opening);
  expect(await wire.status()).toBe(101);
  if (handler !== echo) return;
  wire.write(clientFrame(0x81, 'still here'));
  await wire.until(() => wire.body.includes('still here'), 'the echo');
}

/** Opens a WebSocket by hand. */
export async function openWire(port: number, lines: readonly string[] = openingLines()): Promise<Wire> {
  const wire = await Wire.open(port);
  wire.write(headOf(lines));
  expect(await wire.status()).toBe(101);
  return wire;
}

/** The status that a request gets. */
export async function statusOf(port: number, request: string): Promise<number> {
  const wire = await Wire.open(port);
  wire.write(request);
  const status = await wire.status();
  wire.destroy();
  return status;
}

/** The code of the Close that comes, behind whatever was sent before it. */
export async function closeCode(wire: Wire): Promise<number> {
  await wire.until(() => closeAt(wire.body) !== undefined, 'a Close');
  const at = closeAt(wire.body) ?? 0;
  return wire.body.readUInt16BE(at + 2);
}

function closeAt(bytes: Buffer): number | undefined {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const short = (bytes[at + 1] ?? 0) & 127;
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    const size = (short < 126 ? 2 : short === 126 ? 4 : 10) + length;
    if (bytes[at] === 0x88) return at + size <= bytes.length ? at : undefined;
    at += size;
  }
  return undefined;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes that live in this process, V8's and those of buffers. */
export async function memory(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A frame header that declares a length, with a mask of zeros. */
export function declares(first: number, length: bigint): Buffer {
  const header = Buffer.alloc(14);
  header[0] = first;
  header[1] = 0xff;
  header.writeBigUInt64BE(length, 2);
  return header;
}
