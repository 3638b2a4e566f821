import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { windowOf8 } from '../../../src/extension/permessage-deflate/window-of-8.ts';
import { noise } from './reference.ts';

/** Whether a reader with 256 bytes of window, writing 64 at a time, can read what a compressor made. */
const readableWith256 = (windowBits: number, period: number): boolean => {
  const once = noise(period);
  const data = Buffer.concat([once, once, once]);
  try {
    return inflateRawSync(deflateRawSync(data, { windowBits }), {
      windowBits: 8,
      chunkSize: constants.Z_MIN_CHUNK,
    }).equals(data);
  } catch {
    return false;
  }
};

describe('windowOf8', () => {
  it('holds for the zlib of this runtime', () => {
    expect(windowOf8()).toBe(true);
  });

  it('would not hold for a larger window: the trial can fail', () => {
    expect(readableWith256(8, 330)).toBe(true);
    expect(readableWith256(10, 330)).toBe(false);
  });
});
