/** Reading and judging a header (RFC 6455 §5.2): every bit of it, every length form, every rule at its boundary. */
import { describe, expect, it } from 'vitest';
import {
  checkHeader,
  createHeader,
  decodeHeader,
  type FrameHeader,
  type FrameRules,
  type MessageProgress,
  maxHeaderSize,
} from '../../src/frame/header.ts';
import type { ViolationName } from '../../src/frame/violations.ts';
import { clientRules, rawHeader, serverRules } from './recorder.ts';

const read = (
  bytes: readonly number[],
  at = 0,
  end = bytes.length,
): { size: number; header: FrameHeader } => {
  const header = createHeader();
  return { size: decodeHeader(Uint8Array.from(bytes), at, end, header), header };
};

const nothing: MessageProgress = { unfinished: false, size: 0, fragments: 0 };
const begun: MessageProgress = { unfinished: true, size: 10, fragments: 1 };

/** Judges a header that is right for a server except for what the test says. */
const judge = (
  change: Partial<FrameHeader>,
  rules: Partial<FrameRules> = {},
  progress = nothing,
): ViolationName | undefined =>
  checkHeader(
    { ...createHeader(), fin: true, opcode: 1, masked: true, ...change },
    { ...serverRules, ...rules },
    progress,
  );

describe('decodeHeader', () => {
  it('takes the first byte apart, all 256 of them', () => {
    for (let first = 0; first < 256; first += 1) {
      const { size, header } = read([first, 0]);
      expect(size).toBe(2);
      expect([header.fin, header.rsv, header.opcode]).toEqual([first >= 128, first & 0x70, first & 0x0f]);
    }
  });

  it('takes every 7-bit length and the mask bit', () => {
    for (let length = 0; length < 126; length += 1) {
      expect(read([0x82, length])).toMatchObject({ size: 2, header: { masked: false, length, key: 0 } });
      expect(read([0x82, 0x80 | length, 1, 2, 3, 4])).toMatchObject({
        size: 6,
        header: { masked: true, length, key: 0x04_03_02_01 },
      });
    }
  });

  const boundaries = [0n, 125n, 126n, 127n, 65_535n, 65_536n];
  const rows = boundaries.flatMap((length) =>
    ([2, 8] as const).filter((form) => form === 8 || length < 65_536n).map((form) => ({ length, form })),
  );
  it.each(rows)('judges the form of length $length in $form extra bytes', ({ length, form }) => {
    const { size, header } = read(rawHeader(0x82, length, form));
    expect(size).toBe(2 + form);
    expect(header.length).toBe(Number(length));
    expect(header.lengthForm).toBe(length >= (form === 2 ? 126n : 65_536n) ? 'minimal' : 'notMinimal');
  });

  it.each([
    { length: 2n ** 31n, form: 'minimal' },
    { length: 2n ** 32n - 1n, form: 'minimal' },
    { length: 2n ** 32n + 1n, form: 'minimal' },
    { length: 2n ** 53n, form: 'minimal' },
    { length: 2n ** 63n - 1n, form: 'minimal' },
    { length: 2n ** 63n, form: 'highBit' },
    { length: 2n ** 63n + 5n, form: 'highBit' },
    { length: 2n ** 64n - 1n, form: 'highBit' },
  ])('reads the 64-bit length $length as $form', ({ length, form }) => {
    const { size, header } = read(rawHeader(0x82, length, 8, [9, 9, 9, 9]));
    expect(size).toBe(maxHeaderSize);
    expect(header.length).toBe(Number(length));
    expect(header.lengthForm).toBe(form);
  });

  it('says 0 until the last byte of the header is there', () => {
    for (const form of [0, 2, 8] as const) {
      for (const key of [undefined, [1, 2, 3, 4]]) {
        const bytes = rawHeader(0x82, form === 0 ? 5n : 70_000n & (form === 2 ? 0xffffn : ~0n), form, key);
        for (let end = 0; end < bytes.length; end += 1) expect(read(bytes, 0, end).size).toBe(0);
        expect(read([...bytes, 0xff]).size).toBe(bytes.length);
      }
    }
  });

  it('reads at an offset, and leaves nothing of the header before', () => {
    const header = createHeader();
    const bytes = Uint8Array.from([
      ...rawHeader(0xff, 2n ** 63n, 8, [255, 255, 255, 255]),
      0x01,
      0x03,
      7,
      7,
      7,
    ]);
    expect(decodeHeader(bytes, 0, bytes.length, header)).toBe(14);
    expect(header.key).toBe(-1);
    expect(decodeHeader(bytes, 14, bytes.length, header)).toBe(2);
    expect(header).toEqual({
      fin: false,
      rsv: 0,
      opcode: 1,
      masked: false,
      length: 3,
      lengthForm: 'minimal',
      key: 0,
    });
  });
});

describe('checkHeader', () => {
  it('T-RSV: allows on the first frame of a message exactly the negotiated bits', () => {
    for (let negotiated = 0; negotiated < 0x80; negotiated += 0x10) {
      for (let rsv = 0; rsv < 0x80; rsv += 0x10) {
        const expected = (rsv | negotiated) === negotiated ? undefined : 'reservedBits';
        expect(judge({ rsv }, { rsv: negotiated })).toBe(expected);
        expect(judge({ rsv, opcode: 2 }, { rsv: negotiated })).toBe(expected);
      }
    }
  });

  it('T-RSV: allows no bit on continuations, control frames and reserved opcodes, negotiated or not', () => {
    for (const opcode of [0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) {
      for (let rsv = 0x10; rsv < 0x80; rsv += 0x10) {
        expect(judge({ opcode, rsv }, { rsv: 0x70 }, begun)).toBe('reservedBits');
      }
    }
  });

  it('T-OP: knows six opcodes', () => {
    for (let opcode = 0; opcode < 16; opcode += 1) {
      const known = [0, 1, 2, 8, 9, 10].includes(opcode);
      expect(judge({ opcode }, {}, opcode === 0 ? begun : nothing)).toBe(
        known ? undefined : 'reservedOpcode',
      );
    }
  });

  it('T-CTRL: wants control frames whole and short', () => {
    for (const opcode of [8, 9, 10]) {
      expect(judge({ opcode, fin: false })).toBe('fragmentedControl');
      expect(judge({ opcode, length: 125 })).toBeUndefined();
      expect(judge({ opcode, length: 126 })).toBe('longControl');
      expect(judge({ opcode }, {}, begun)).toBeUndefined();
    }
  });

  it('T-CTRL: does not count control frames against the limits', () => {
    const limits = { maxFrameSize: 1, maxMessageSize: 1, maxFragments: 1 };
    expect(judge({ opcode: 9, length: 125 }, limits, begun)).toBeUndefined();
  });

  it('T-MASK-S, T-MASK-C: wants a mask from clients and none from servers', () => {
    expect(judge({ masked: false })).toBe('notMasked');
    expect(judge({ masked: false, opcode: 9 })).toBe('notMasked');
    expect(judge({ masked: true }, clientRules)).toBe('masked');
    expect(judge({ masked: true, opcode: 8 }, clientRules)).toBe('masked');
    expect(judge({ masked: false }, clientRules)).toBeUndefined();
  });

  it('lets unmasked frames through where that was asked for, and only those', () => {
    expect(judge({ masked: false }, { acceptUnmaskedFrames: true })).toBeUndefined();
    expect(judge({ masked: true }, { acceptUnmaskedFrames: true })).toBeUndefined();
    expect(judge({ masked: true }, { ...clientRules, acceptUnmaskedFrames: true })).toBe('masked');
  });

  it('T-MIN, T-LEN: refuses lengths of the wrong form, control frames included', () => {
    for (const opcode of [1, 9]) {
      expect(judge({ opcode, lengthForm: 'notMinimal' })).toBe('notMinimalLength');
      expect(judge({ opcode, lengthForm: 'highBit' })).toBe('lengthHighBit');
    }
  });

  it('T-FRAG: wants continuations exactly while a message is unfinished', () => {
    expect(judge({ opcode: 0 })).toBe('unexpectedContinuation');
    expect(judge({ opcode: 0 }, {}, begun)).toBeUndefined();
    expect(judge({ opcode: 1 }, {}, begun)).toBe('unfinishedMessage');
    expect(judge({ opcode: 2 }, {}, begun)).toBe('unfinishedMessage');
  });

  it('keeps to maxFrameSize, maxMessageSize and maxFragments, each to the byte', () => {
    expect(judge({ length: 100 }, { maxFrameSize: 100 })).toBeUndefined();
    expect(judge({ length: 101 }, { maxFrameSize: 100 })).toBe('frameTooBig');
    expect(judge({ length: 100 }, { maxMessageSize: 100 })).toBeUndefined();
    expect(judge({ length: 101 }, { maxMessageSize: 100 })).toBe('messageTooBig');
    expect(judge({ opcode: 0, length: 90 }, { maxMessageSize: 100 }, begun)).toBeUndefined();
    expect(judge({ opcode: 0, length: 91 }, { maxMessageSize: 100 }, begun)).toBe('messageTooBig');
    expect(judge({ opcode: 0 }, { maxFragments: 2 }, begun)).toBeUndefined();
    expect(judge({ opcode: 0 }, { maxFragments: 1 }, begun)).toBe('tooManyFragments');
  });

  it('names the broken rule of the RFC before a crossed limit', () => {
    const limits = { maxFrameSize: 1 };
    expect(judge({ length: 2 ** 63, lengthForm: 'highBit' }, limits)).toBe('lengthHighBit');
    expect(judge({ length: 100, masked: false }, limits)).toBe('notMasked');
    expect(judge({ length: 100, rsv: 0x40 }, limits)).toBe('reservedBits');
  });

  it('without limits lets any length pass', () => {
    const none = { maxFrameSize: Infinity, maxMessageSize: Infinity, maxFragments: Infinity };
    expect(judge({ length: 2 ** 63 }, none)).toBeUndefined();
  });
});
