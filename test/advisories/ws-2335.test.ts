// The cap against fragment floods broke programs that send tens of thousands of fragments in good faith (ws, 2335).
import { expect } from 'vitest';
import { attack, clientFrame, openWire } from './victim.ts';

attack('a message of 60,000 fragments arrives', async ({ port }) => {
  const wire = await openWire(port);
  const count = 60_000;
  const fragments = Array.from({ length: count }, (_, index) =>
    clientFrame(index === 0 ? 0x01 : index === count - 1 ? 0x80 : 0, String(index % 10)),
  );
  wire.write(Buffer.concat(fragments));
  await wire.until(() => wire.body.length >= count + 4, 'the echo');
  const text = wire.body.subarray(4).toString();
  expect(text).toBe('0123456789'.repeat(count / 10));
});
