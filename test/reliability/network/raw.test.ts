import { type AddressInfo, createServer, type Socket } from 'node:net';
import { listen } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { dial, dialWebSocket, frame, frameHeader, gone, write } from '../../../reliability/network/raw.ts';
import { startRelay } from '../../../reliability/network/relay.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Echoes whatever bytes come, in the pieces in which they come, and counts the pieces. */
async function byteEcho(): Promise<{ port: number; pieces: number[] }> {
  const pieces: number[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (chunk) => {
      pieces.push(chunk.length);
      socket.write(chunk);
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address() as AddressInfo;
  return { port: address.port, pieces };
}

function collect(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => socket.once('end', () => resolve(Buffer.concat(chunks))));
}

describe('frames by hand', () => {
  it('have the shortest header that holds their length', () => {
    const lengths = [0, 125, 126, 65_535, 65_536, 1_048_576];
    expect(lengths.map((length) => frameHeader(0x82, length).length)).toEqual([6, 6, 8, 8, 14, 14]);
    expect(frame(0x81, 'hi')).toEqual(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    expect(frameHeader(0x82, 65_536).readBigUInt64BE(2)).toBe(65_536n);
  });

  it('are understood by a server, and what comes with its answer is kept', async () => {
    const server = await listen({ port: 0, host: '127.0.0.1' }, (context) =>
      context.upgrade(async (connection) => {
        await connection.send('early');
        for await (const message of connection) await connection.send(message);
      }),
    );
    cleanups.push(() => server.close({ timeout: 100 }));
    const socket = await dialWebSocket(server.port, '/');
    cleanups.push(() => socket.destroy());
    await write(socket, frame(0x81, 'late'));
    await write(socket, frame(0x88, ''));
    const all = collect(socket);
    socket.resume();
    expect((await all).toString('latin1')).toBe('\x81\x05early\x81\x04late\x88\x00');
  });
});

describe('the relay', () => {
  it('hands on every byte in order, in more and smaller pieces than it came', async () => {
    const { port, pieces } = await byteEcho();
    const relay = await startRelay(port);
    cleanups.push(relay.close);
    const socket = await dial(relay.port);
    const bytes = Buffer.from(Array.from({ length: 3_000 }, (_, at) => at % 251));
    const back = collect(socket);
    socket.end(bytes);
    socket.resume();
    expect(await back).toEqual(bytes);
    expect(pieces.length).toBeGreaterThan(2);
    socket.destroy();
    await gone(socket);
  });

  it('hands on a death as a death', async () => {
    const { port } = await byteEcho();
    const relay = await startRelay(port);
    cleanups.push(relay.close);
    const socket = await dial(relay.port);
    await write(socket, 'x');
    socket.resetAndDestroy();
    await gone(socket);
    expect(socket.destroyed).toBe(true);
  });
});
