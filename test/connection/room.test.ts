import { expect, it } from 'vitest';
import { closing, frame, opcode, open, taken, turn } from './wire.ts';

it('what comes while an endpoint without room closes is lost from the first message on, never in between', async () => {
  const { connection, wire, closures } = open();
  const filling = frame(opcode.binary, Buffer.alloc(40_000));
  wire.feed(filling, filling);
  const closed = connection.close(1000);
  await turn();
  wire.feed(frame(opcode.text, 'no room for this'));
  expect(taken(connection)).toHaveLength(2);
  wire.feed(frame(opcode.text, 'room again, and too late'));
  expect(taken(connection)).toEqual([]);
  wire.feed(frame(opcode.close, closing(1000)));
  wire.peer.ended();
  wire.peer.closed();
  expect(await closed).toMatchObject({ code: 1000, clean: true });
  expect(closures).toHaveLength(1);
  expect(taken(connection)).toEqual([null]);
});
