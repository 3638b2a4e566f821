// Compressed messages in bad fragments were taken (websockets before 16.1): RSV1 behind the first frame, or missing.
import { constants, deflateRawSync } from 'node:zlib';
import { expect } from 'vitest';
import { opensWith, trap } from './trap.ts';
import { attack, clientFrame, closeCode, headOf, openingLines, serverFrame, Wire } from './victim.ts';

const extension = 'Sec-WebSocket-Extensions: permessage-deflate';
const flushed = deflateRawSync('compressed, in two', { finishFlush: constants.Z_SYNC_FLUSH });
const body = flushed.subarray(0, -4);
const [head, tail] = [body.subarray(0, 5), body.subarray(5)];
type Frame = (first: number, payload: Uint8Array) => Buffer;
const bad: readonly (readonly [string, number, (frame: Frame) => Buffer])[] = [
  ['RSV1 on a continuation', 1002, (frame) => Buffer.concat([frame(0x41, head), frame(0xc0, tail)])],
  ['RSV1 on the last fragment only', 1002, (frame) => Buffer.concat([frame(0x02, head), frame(0xc0, tail)])],
  ['RSV1 on a ping between', 1002, (frame) => Buffer.concat([frame(0x41, head), frame(0xc9, tail)])],
  ['RSV1 on a Close', 1002, (frame) => frame(0xc8, Buffer.of(3, 232))],
  [
    'fragments that hold half of the data',
    1007,
    (frame) => Buffer.concat([frame(0x41, head), frame(0x80, Buffer.alloc(0))]),
  ],
  [
    'data that goes on behind its end',
    1007,
    (frame) => frame(0xc1, Buffer.concat([deflateRawSync('x'), Buffer.from('yz')])),
  ],
];
for (const [name, code, make] of bad) {
  attack(
    `${name} is ${code}`,
    async ({ port }) => {
      const wire = await Wire.open(port);
      wire.write(headOf([...openingLines(), extension]));
      await wire.head();
      wire.write(make(clientFrame));
      expect(await closeCode(wire)).toBe(code);
    },
    { config: { perMessageDeflate: true, closeTimeout: 200 } },
  );
  trap(`${name} is ${code} to a client`, opensWith(make(serverFrame), extension), async ({ open }) => {
    const connection = await open({ perMessageDeflate: true, closeTimeout: 200 });
    expect(await connection.closed).toMatchObject({ code, by: 'us' });
  });
}
attack(
  'in good fragments it is one message',
  async ({ port }) => {
    const wire = await Wire.open(port);
    wire.write(headOf([...openingLines(), extension]));
    await wire.head();
    wire.write(Buffer.concat([clientFrame(0x41, head), clientFrame(0x89, 'p'), clientFrame(0x80, tail)]));
    await wire.until(() => wire.body.includes('compressed, in two'), 'the echo');
  },
  { config: { perMessageDeflate: true } },
);
