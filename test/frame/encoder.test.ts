/** Writing frames (RFC 6455 §5.2): the examples of §5.7, every boundary, and that the decoder reads it back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, encodeHeader, headerSize } from '../../src/frame/encoder.ts';
import { createHeader, decodeHeader } from '../../src/frame/header.ts';
import { decode, hex, serverRules } from './recorder.ts';

const hello = new TextEncoder().encode('Hello');
/** 37 fa 21 3d as it stands on the wire, first byte lowest. */
const key = 0x3d_21_fa_37;

describe('the examples of RFC 6455 §5.7', () => {
  it('a single-frame unmasked text message', () => {
    expect(hex(encodeFrame(1, hello))).toBe('810548656c6c6f');
  });

  it('a single-frame masked text message', () => {
    expect(hex(encodeFrame(1, hello, { key }))).toBe('818537fa213d7f9f4d5158');
  });

  it('a fragmented unmasked text message', () => {
    expect(hex(encodeFrame(1, hello.subarray(0, 3), { fin: false }))).toBe('010348656c');
    expect(hex(encodeFrame(0, hello.subarray(3)))).toBe('80026c6f');
  });

  it('an unmasked ping and a masked pong', () => {
    expect(hex(encodeFrame(9, hello))).toBe('890548656c6c6f');
    expect(hex(encodeFrame(10, hello, { key }))).toBe('8a8537fa213d7f9f4d5158');
  });

  it('256 bytes and 64 KiB of binary', () => {
    expect(hex(encodeFrame(2, new Uint8Array(256)).subarray(0, 4))).toBe('827e0100');
    expect(hex(encodeFrame(2, new Uint8Array(65_536)).subarray(0, 10))).toBe('827f0000000000010000');
  });
});

describe('encodeHeader', () => {
  const lengths = [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
  it.each(lengths)('writes length %d in its shortest form, masked and not', (length) => {
    for (const wish of [undefined, 0, -1, key]) {
      const target = new Uint8Array(20).fill(0xee);
      const end = encodeHeader(target, 3, 0x82, length, wish);
      expect(end - 3).toBe(headerSize(length, wish !== undefined));
      const header = createHeader();
      expect(decodeHeader(target, 3, end, header)).toBe(end - 3);
      expect(header).toEqual({
        fin: true,
        rsv: 0,
        opcode: 2,
        masked: wish !== undefined,
        length,
        lengthForm: 'minimal',
        key: wish ?? 0,
      });
      expect(target.subarray(0, 3)).toEqual(new Uint8Array(3).fill(0xee));
      expect(target.subarray(end)).toEqual(new Uint8Array(20 - end).fill(0xee));
    }
  });

  it('takes 2, 4 or 10 bytes, and 4 more for a key', () => {
    expect([0, 125, 126, 65_535, 65_536].map((length) => headerSize(length, false))).toEqual([
      2, 2, 4, 4, 10,
    ]);
    expect([0, 125, 126, 65_535, 65_536].map((length) => headerSize(length, true))).toEqual([6, 6, 8, 8, 14]);
  });
});

describe('encodeFrame', () => {
  it('writes FIN, the reserved bits and the opcode as asked', () => {
    expect(encodeFrame(2, new Uint8Array(0))[0]).toBe(0x82);
    expect(encodeFrame(2, new Uint8Array(0), { fin: false })[0]).toBe(0x02);
    expect(encodeFrame(1, new Uint8Array(0), { rsv: 0x40 })[0]).toBe(0xc1);
    expect(encodeFrame(1, new Uint8Array(0), { fin: false, rsv: 0x70 })[0]).toBe(0x71);
  });

  it('does not change the payload', () => {
    const payload = Uint8Array.from(hello);
    encodeFrame(1, payload, { key });
    expect(payload).toEqual(hello);
  });

  it('decode(encode(x)) = x', () => {
    const frames = fc.record({
      opcode: fc.constantFrom(1, 2),
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(65_535, 65_536).map((length) => new Uint8Array(length).fill(0x7f)),
      ),
      rsv: fc.constantFrom(0, 0x10, 0x40, 0x70),
      masking: fc.option(fc.integer(), { nil: undefined }),
    });
    fc.assert(
      fc.property(frames, ({ opcode, payload, rsv, masking }) => {
        const rules = { ...serverRules, rsv: 0x70, peerMasks: masking !== undefined };
        const bytes = encodeFrame(opcode, payload, { rsv, key: masking });
        const { events, consumed, idle } = decode(rules, bytes);
        const ascii = masking !== undefined && payload.every((byte) => byte < 0x80);
        expect(events).toEqual([{ kind: 'data', opcode, fin: true, rsv, payload: hex(payload), ascii }]);
        expect(consumed).toBe(bytes.length);
        expect(idle).toBe(true);
      }),
      { seed: 20261125, numRuns: 300 },
    );
  });
});
