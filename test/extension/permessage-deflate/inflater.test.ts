/** Decompressing for many peers with one context: what happens to it when an error cuts a message off. */
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ContextPool } from '../../../src/extension/permessage-deflate/contexts.ts';
import { openInflate } from '../../../src/extension/permessage-deflate/direct.ts';
import { Inflater } from '../../../src/extension/permessage-deflate/inflater.ts';
import { records } from './reference.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const deflate = (message: Uint8Array, dictionary?: Uint8Array): Buffer => {
  const options = { windowBits: 12, finishFlush: constants.Z_SYNC_FLUSH };
  return deflateRawSync(message, dictionary === undefined ? options : { ...options, dictionary }).subarray(
    0,
    -4,
  );
};

describe('a decompressor that peers without context takeover share', () => {
  it('gives nobody the bytes of a message that was cut off', () => {
    const pool = new ContextPool(1, openInflate);
    const inflater = new Inflater({ windowBits: 12, contextTakeover: false }, pool);
    const secret = records(300);
    const payload = deflate(secret);
    expect(inflater.inflate(payload, payload.length, 1000)).toEqual(secret);
    vi.spyOn(Buffer, 'allocUnsafe').mockImplementationOnce(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    expect(() => inflater.inflate(payload, payload.length, 1000)).toThrow('allocation');
    const prying = deflate(secret, secret);
    expect(prying.length).toBeLessThan(20);
    expect(inflater.inflate(prying, prying.length, 1000)).toBe('extensionData');
    expect(inflater.inflate(payload, payload.length, 1000)).toEqual(secret);
    pool.clear();
  });
});
