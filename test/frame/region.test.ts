/** A region against the plain mask: same bytes, same bits, with WebAssembly and without it. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isAsciiBits, mask } from '../../src/frame/mask.ts';
import { createRegion, Region, regionSize } from '../../src/frame/region.ts';
import { simdCode } from '../../src/frame/simd-code.ts';

const settings = { seed: 20261125, numRuns: 1_000 };

afterEach(() => {
  vi.unstubAllGlobals();
});

const regions: readonly [string, Region][] = [
  ['in WebAssembly', createRegion()],
  ['in JavaScript', new Region(new Uint8Array(regionSize))],
];

/** OR of bytes in one byte. */
const folded = (bits: number): number => (bits | (bits >>> 8) | (bits >>> 16) | (bits >>> 24)) & 0xff;

describe.each(regions)('a region %s', (_, region) => {
  it('has the size of a read', () => {
    expect(region.bytes).toHaveLength(regionSize);
  });

  it('equals the plain mask for lengths 0 to 200 at every alignment, and touches nothing else', () => {
    const key = 0x8001fe37 | 0;
    const { bytes } = region;
    for (let offset = 16; offset < 24; offset += 1) {
      for (let length = 0; length <= 200; length += 1) {
        bytes.fill(0x5a, 0, 300);
        for (let at = 0; at < length; at += 1) bytes[offset + at] = Math.imul(at + 1, 73);
        const expected = Uint8Array.from(bytes.subarray(0, 300));
        const plain = mask(expected, offset, offset + length, key);
        const bits = region.mask(offset, offset + length, key);
        expect(Buffer.compare(bytes.subarray(0, 300), expected), `offset ${offset}, length ${length}`).toBe(
          0,
        );
        expect(folded(bits), `offset ${offset}, length ${length}`).toBe(folded(plain));
      }
    }
  });

  it('equals the plain mask anywhere, for any key and any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5_000 }),
        fc.integer(),
        fc.nat({ max: regionSize - 5_000 }),
        (payload, key, at) => {
          region.bytes.set(payload, at);
          const expected = Uint8Array.from(payload);
          const plain = mask(expected, 0, payload.length, key);
          const bits = region.mask(at, at + payload.length, key);
          expect(Buffer.compare(region.bytes.subarray(at, at + payload.length), expected)).toBe(0);
          expect(folded(bits)).toBe(folded(plain));
        },
      ),
      settings,
    );
  });

  it('masks its last byte, and all of itself', () => {
    region.bytes.fill(0);
    region.mask(regionSize - 1, regionSize, 0x41);
    expect(region.bytes[regionSize - 1]).toBe(0x41);
    expect(isAsciiBits(region.mask(0, regionSize, 0))).toBe(true);
    region.mask(0, regionSize, 0x01010101);
    expect(region.bytes[0]).toBe(1);
    expect(region.bytes[regionSize - 1]).toBe(0x40);
  });
});

describe('createRegion', () => {
  it('uses the byte view it is given', () => {
    const region = createRegion((buffer) => Buffer.from(buffer));
    expect(Buffer.isBuffer(region.bytes)).toBe(true);
    expect(region.bytes).toHaveLength(regionSize);
    region.bytes[5] = 1;
    region.mask(4, 7, 0x030201);
    expect([...region.bytes.subarray(3, 8)]).toEqual([0, 1, 3, 3, 0]);
  });

  it.each([
    ['is missing', undefined],
    [
      'may not compile',
      {
        Module: class {
          constructor() {
            throw new Error('forbidden');
          }
        },
        Instance: Object,
      },
    ],
    [
      'gives something else',
      {
        Module: Object,
        Instance: class {
          exports = { memory: {}, mask: 1 };
        },
      },
    ],
  ])('does without WebAssembly where it %s', (_, engine) => {
    vi.stubGlobal('WebAssembly', engine);
    const region = createRegion();
    expect(region.bytes).toHaveLength(regionSize);
    region.bytes.set([1, 2, 3], 1);
    region.mask(1, 4, 0x010101);
    expect([...region.bytes.subarray(0, 5)]).toEqual([0, 0, 3, 2, 0]);
  });
});

describe('the WebAssembly module', () => {
  it('is what the text form assembles to', () => {
    const script = fileURLToPath(new URL('../../scripts/assemble.js', import.meta.url));
    expect(execFileSync(process.execPath, [script, '--print'], { encoding: 'utf8' })).toBe(simdCode);
  });
});
