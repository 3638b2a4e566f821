// Empty fragments escaped the cap on fragments (ws, commit a2f4e7c).
import { expect } from 'vitest';
import { attack, clientFrame, closeCode, memory, openWire } from './victim.ts';

attack('empty fragments cost no memory, and are counted', async ({ port }) => {
  const wire = await openWire(port);
  wire.write(clientFrame(0x02, ''));
  const many = Buffer.concat(Array.from({ length: 65_000 }, () => clientFrame(0x00, '')));
  const before = await memory();
  wire.write(many);
  wire.write(many);
  wire.write(clientFrame(0x89, 'p'));
  await wire.until(() => wire.body.length > 0, 'the pong');
  expect((await memory()) - before).toBeLessThan(524_288);
  wire.write(many);
  expect(await closeCode(wire)).toBe(1008);
});
