import { expect, it } from 'vitest';
import { Region } from '../../src/frame/region.ts';
import { closing, frame, opcode, open, taken, turn } from './wire.ts';

it('a Close right behind a message is acted on a turn later, when its memory holds what another socket received', async () => {
  const { connection, wire } = open();
  const region = new Region(Buffer.alloc(1_024));
  const bytes = Buffer.concat([frame(opcode.text, 'last words'), frame(opcode.close, closing(4_321, 'bye'))]);
  region.bytes.set(bytes);
  wire.peer.lent(region, bytes.length);
  region.bytes.fill(0x55);
  await turn();
  expect(taken(connection)).toEqual(['last words', null]);
  wire.peer.closed();
  expect(await connection.closed).toMatchObject({ code: 4_321, reason: 'bye', clean: true, by: 'peer' });
  expect(wire.sent.map(({ payload }) => payload.readUInt16BE(0))).toEqual([4_321]);
});
