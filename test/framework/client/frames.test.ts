import type { Socket } from 'node:net';
import { connect } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { goodLines, type Heard, Hostile, headText } from './hostile.ts';

const hostiles: Hostile[] = [];

async function hostile(answer: (socket: Socket, request: Heard) => void): Promise<Hostile> {
  const server = await Hostile.listen(answer);
  hostiles.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(hostiles.splice(0).map((server) => server.close()));
});

describe('what a server may send too much of', () => {
  it('T-PONG-1: a flood of pings whose pongs it does not read holds a bounded number of bytes', async () => {
    const pings = Buffer.concat(
      Array.from({ length: 512 }, () => Buffer.from([0x89, 125, ...Buffer.alloc(125, 1)])),
    );
    const rounds = 400;
    let written = 0;
    const server = await hostile((socket, { key }) => {
      socket.pause();
      socket.write(headText(goodLines(key)));
      const flood = (): void => {
        if (written === rounds || socket.destroyed) return;
        written += 1;
        socket.write(pings, () => setImmediate(flood));
      };
      flood();
    });
    const connection = await connect(server.url, { writeBufferSize: 16_384 });
    let most = 0;
    const until = Date.now() + 10_000;
    while (written < rounds && Date.now() < until) {
      most = Math.max(most, connection.bufferedAmount);
      await new Promise((go) => setImmediate(go));
    }
    // 26 MB of pings were taken in; the pongs for them beyond what the system buffers were dropped but for the newest.
    expect(written).toBe(rounds);
    expect(most).toBeLessThan(1 << 20);
    expect(connection.state).toBe('open');
    connection.terminate();
    for (const socket of server.sockets) socket.resume();
    expect(await server.deserted()).toBe(true);
  });
});

describe('what a server may not send', () => {
  const violations: readonly [name: string, bytes: readonly number[], code: number][] = [
    ['a masked frame', [0x81, 0x81, 1, 2, 3, 4, 5], 1002],
    ['RSV1 without compression', [0xc1, 1, 0x61], 1002],
    ['a reserved opcode', [0x83, 0], 1002],
    ['a length that is not minimal', [0x82, 126, 0, 1, 0], 1002],
    ['bad UTF-8', [0x81, 1, 0xff], 1007],
    ['a fragmented ping', [0x09, 0], 1002],
    ['a Close with one byte', [0x88, 1, 3], 1002],
    ['a message over the limit', [0x82, 127, 0, 0, 0, 0, 0x7f, 0, 0, 0], 1009],
  ];
  for (const [name, bytes, code] of violations) {
    it(`${name} fails the connection with ${code}`, async () => {
      const server = await hostile((socket, { key }) => {
        socket.write(Buffer.concat([Buffer.from(headText(goodLines(key))), Buffer.from(bytes)]));
      });
      const connection = await connect(server.url, { closeTimeout: 100 });
      expect(await connection.closed).toMatchObject({ code, clean: false, by: 'us' });
      expect(await server.deserted()).toBe(true);
    });
  }
});
