import { listen, type Server } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { clientFrame, closePayload, headOf, openingLines, serverFrame, Wire } from './wire.ts';

let server: Server | undefined;

afterEach(async () => {
  Wire.destroyAll();
  await server?.close({ timeout: 50 });
});

/** What ends a connection right behind a message, and the code that the peer is told. */
const ends: readonly (readonly [string, Uint8Array, number])[] = [
  ['a Close', clientFrame(0x88, closePayload(1000)), 1000],
  ['a reserved bit', clientFrame(0xc1, 'x'), 1002],
  ['a reserved opcode', clientFrame(0x83, ''), 1002],
  ['a stray continuation', clientFrame(0x80, 'x'), 1002],
  ['text that is no UTF-8', clientFrame(0x81, Uint8Array.of(0xff)), 1007],
  ['a fragment that is no UTF-8', clientFrame(0x01, Uint8Array.of(0xff)), 1007],
];

describe('what is answered to a message leaves before the Close', () => {
  for (const [name, end, code] of ends) {
    for (const size of [Infinity, 5, 1]) {
      it(`${name}, cut into pieces of ${size}`, async () => {
        server = await listen({ port: 0, host: '127.0.0.1' }, (context) =>
          context.upgrade(async (connection) => {
            for await (const message of connection) await connection.send(message);
          }),
        );
        const wire = await Wire.open(server.port);
        wire.write(headOf(openingLines()));
        await wire.status();
        const bytes = Buffer.concat([
          clientFrame(0x81, 'one'),
          clientFrame(0x81, 'two'),
          end,
          clientFrame(0x89, 'late'),
        ]);
        for (let at = 0; at < bytes.length; at += size)
          wire.write(bytes.subarray(at, Math.min(bytes.length, at + size)));
        await wire.until((w) => w.ended, 'the end');
        const echoes = Buffer.concat([serverFrame(0x81, 'one'), serverFrame(0x81, 'two')]);
        expect(wire.body.subarray(0, echoes.length)).toEqual(echoes);
        expect(wire.body[echoes.length]).toBe(0x88);
        expect(wire.body.readUInt16BE(echoes.length + 2)).toBe(code);
      });
    }
  }

  it('also when FIN follows at once', async () => {
    const seen: unknown[] = [];
    server = await listen({ port: 0, host: '127.0.0.1' }, (context) =>
      context.upgrade(async (connection) => {
        for await (const message of connection) seen.push(message);
        seen.push(await connection.closed);
      }),
    );
    const wire = await Wire.open(server.port);
    wire.write(headOf(openingLines()));
    await wire.status();
    wire.socket.end(Buffer.concat([clientFrame(0x81, 'one'), clientFrame(0x88, closePayload(4000))]));
    await wire.until((w) => w.ended, 'the end');
    while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toEqual(['one', { code: 4000, reason: '', clean: true, by: 'peer' }]);
  });
});
