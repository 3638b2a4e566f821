// Masking keys came from a generator that could be predicted (Boost.Beast 1.69, reviewed by Bishop Fox).
import { connect } from 'framewright';
import { expect, it } from 'vitest';
import { nextMaskKey } from '../../src/framework/runtime.ts';
import { goodLines, headText, trap } from './trap.ts';

it('a million keys: every byte evenly spread, and no run repeats', () => {
  const count = 1_000_000;
  const counts = Array.from({ length: 4 }, () => new Uint32Array(256));
  const seen = new Set<number>();
  let repeats = 0;
  let previous = 0;
  for (let index = 0; index < count; index += 1) {
    const key = nextMaskKey();
    for (let byte = 0; byte < 4; byte += 1) {
      const table = counts[byte];
      const value = (key >>> (8 * byte)) & 255;
      if (table !== undefined) table[value] = (table[value] ?? 0) + 1;
    }
    // Two keys in a row as one number: by chance none of a million pairs comes twice.
    const pair = (previous >>> 0) * 2 ** 20 + (key & 0xfffff);
    if (seen.has(pair)) repeats += 1;
    seen.add(pair);
    previous = key;
  }
  expect(repeats).toBeLessThanOrEqual(1);
  const expected = count / 256;
  for (const table of counts) {
    const chiSquare = table.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
    // 255 degrees of freedom: beyond these bounds less than once in 10^9 runs.
    expect(chiSquare).toBeGreaterThan(130);
    expect(chiSquare).toBeLessThan(410);
  }
});

trap(
  'each frame has a key of its own',
  (socket, { key }) => socket.write(headText(goodLines(key))),
  async ({ server }) => {
    const connection = await connect(server.url);
    for (let index = 0; index < 500; index += 1) connection.write('x');
    await connection.flush();
    const deadline = Date.now() + 4_000;
    while (server.received.length < 500 * 7 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const keys = Array.from({ length: 500 }, (_, index) => server.received.readUInt32BE(index * 7 + 2));
    expect(new Set(keys).size).toBeGreaterThanOrEqual(499);
    connection.terminate();
  },
);
