import { describe, expect, it } from 'vitest';
import { type ContextOwner, ContextPool } from '../../../src/extension/permessage-deflate/contexts.ts';
import { type DirectContext, openInflate } from '../../../src/extension/permessage-deflate/direct.ts';
import { openZlibHandles } from './zlib-handles.ts';

const owner = (): ContextOwner<DirectContext> => ({ slot: undefined });

describe('ContextPool', () => {
  it('gives an owner the same context again, fresh only at first', () => {
    const pool = new ContextPool(2, openInflate);
    const one = owner();
    const slot = pool.acquire(one, 15);
    expect(slot.fresh).toBe(true);
    slot.fresh = false;
    expect(pool.acquire(one, 15)).toBe(slot);
    expect(slot.fresh).toBe(false);
    pool.clear();
  });

  it('never has more than its limit, and takes from those that rest', () => {
    const before = openZlibHandles();
    const pool = new ContextPool(3, openInflate);
    const owners = Array.from({ length: 10 }, owner);
    const busy = owner();
    for (const next of owners) {
      pool.acquire(busy, 12).fresh = false;
      pool.acquire(next, 12);
      expect(pool.size).toBeLessThanOrEqual(3);
      expect(openZlibHandles() - before).toBe(pool.size);
      expect(next.slot?.owner).toBe(next);
    }
    expect(busy.slot).toBeDefined();
    expect(owners.filter(({ slot }) => slot !== undefined)).toHaveLength(2);
    pool.clear();
    expect(openZlibHandles()).toBe(before);
  });

  it('hands a context on fresh, and makes a new one when the window differs', () => {
    const before = openZlibHandles();
    const pool = new ContextPool(1, openInflate);
    const [first, second, third] = [owner(), owner(), owner()];
    const slot = pool.acquire(first, 12);
    slot.fresh = false;
    expect(pool.acquire(second, 12)).toBe(slot);
    expect(slot.fresh).toBe(true);
    expect(first.slot).toBeUndefined();
    expect(pool.acquire(third, 9).context).not.toBe(slot.context);
    expect(second.slot).toBeUndefined();
    expect(openZlibHandles() - before).toBe(1);
    pool.clear();
  });

  it('frees what a whole sweep interval passes by unused', () => {
    const before = openZlibHandles();
    const pool = new ContextPool(10, openInflate);
    const [idle, busy] = [owner(), owner()];
    pool.acquire(idle, 12);
    pool.acquire(busy, 12);
    pool.sweep();
    expect(pool.size).toBe(2);
    pool.acquire(busy, 12);
    pool.sweep();
    expect(idle.slot).toBeUndefined();
    expect(busy.slot).toBeDefined();
    expect(openZlibHandles() - before).toBe(1);
    pool.sweep();
    pool.sweep();
    expect(pool.size).toBe(0);
    expect(openZlibHandles()).toBe(before);
  });

  it('releases one owner, twice without harm', () => {
    const pool = new ContextPool(10, openInflate);
    const owners = [owner(), owner(), owner()];
    for (const each of owners) {
      pool.acquire(each, 12);
    }
    const [first, second, third] = owners;
    if (first === undefined) throw new Error('there are three owners');
    pool.release(first);
    pool.release(first);
    expect([first.slot, second?.slot?.owner, third?.slot?.owner]).toEqual([undefined, second, third]);
    expect(pool.size).toBe(2);
    pool.clear();
    expect(owners.map(({ slot }) => slot)).toEqual([undefined, undefined, undefined]);
  });

  it('has no timer while it is empty, and none that keeps the process alive', () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const pool = new ContextPool(10, openInflate);
    pool.acquire(owner(), 12);
    expect(timers()).toBe(before);
    pool.clear();
    expect(timers()).toBe(before);
  });
});
