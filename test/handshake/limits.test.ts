import { describe, expect, it } from 'vitest';
import { defaultHeadLimits, resolveHeadLimits } from '../../src/handshake/limits.ts';

describe('head limits', () => {
  it('have the documented defaults', () => {
    expect(resolveHeadLimits()).toEqual({ maxHeadSize: 16_384, maxFields: 100, maxRequestLine: 8_192 });
    expect(Object.isFrozen(defaultHeadLimits)).toBe(true);
  });

  it('can be set one by one', () => {
    expect(resolveHeadLimits({ maxFields: 3 })).toEqual({ ...defaultHeadLimits, maxFields: 3 });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'must be positive integers, not %d',
    (bad) => {
      expect(() => resolveHeadLimits({ maxHeadSize: bad })).toThrow(RangeError);
      expect(() => resolveHeadLimits({ maxFields: bad })).toThrow(/maxFields/);
    },
  );
});
