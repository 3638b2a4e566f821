import { describe, expect, it } from 'vitest';
import { Prepared } from '../../src/connection/prepared.ts';
import { framesOf } from './wire.ts';

describe('prepared', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536])('is one whole unmasked frame of %d bytes', (size) => {
    const payload = Buffer.alloc(size, 'x');
    const prepared = new Prepared(2, payload);
    expect(prepared.length).toBe(size);
    expect(prepared.opcode).toBe(2);
    expect(Buffer.from(prepared.payload).equals(payload)).toBe(true);
    const frames = framesOf(prepared.frame);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ fin: true, rsv: 0, opcode: 2, masked: false });
    expect(frames[0]?.payload.equals(payload)).toBe(true);
  });

  it('does not follow changes of the bytes it was made from', () => {
    const payload = Buffer.from('before');
    const prepared = new Prepared(1, payload);
    payload.write('after!');
    expect(Buffer.from(prepared.payload).toString()).toBe('before');
  });
});
