/** When a young collection is asked for, and that V8 makes it. */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Region } from '../../src/frame/region.ts';
import { CollectionPace } from '../../src/framework/collection-pace.ts';
import { MessageMemory } from '../../src/framework/message-memory.ts';

const mebibyte = 1_048_576;

/** A heap whose memory outside grows by what is allocated, and which a collection, seen by its room, empties. */
function heapOf(kept: number) {
  const heap = {
    outside: kept,
    kept,
    collections: 0,
    looks: 0,
    external() {
      heap.looks += 1;
      return heap.outside;
    },
    room() {
      heap.collections += 1;
      heap.outside = heap.kept;
      return 0;
    },
  };
  return heap;
}

/** Allocates `total` bytes in messages of `size`. */
function allocate(heap: ReturnType<typeof heapOf>, pace: CollectionPace, total: number, size: number): void {
  for (let left = total; left > 0; left -= size) {
    heap.outside += size;
    pace.allocated(size);
  }
}

describe('CollectionPace', () => {
  it('asks when the memory outside has grown by 32 MiB, and looks at it once in a mebibyte', () => {
    for (const size of [3_000, 65_536, mebibyte, 3 * mebibyte]) {
      const heap = heapOf(7 * mebibyte);
      const pace = new CollectionPace(heap);
      allocate(heap, pace, 960 * mebibyte, size);
      expect(heap.collections).toBeGreaterThanOrEqual(960 / 40);
      expect(heap.collections).toBeLessThanOrEqual(960 / 32);
      expect(heap.looks).toBeLessThanOrEqual(960);
    }
  });

  it('asks for nothing while V8 collects in time, however much is allocated', () => {
    const heap = heapOf(7 * mebibyte);
    const pace = new CollectionPace(heap);
    for (let round = 0; round < 40; round += 1) {
      allocate(heap, pace, 30 * mebibyte, 65_536);
      heap.outside = heap.kept;
    }
    expect(heap.collections).toBe(0);
  });

  it('does not ask again for what is in use', () => {
    const heap = heapOf(0);
    const pace = new CollectionPace(heap);
    allocate(heap, pace, 8 * mebibyte, 65_536);
    heap.kept = heap.outside = 500 * mebibyte;
    allocate(heap, pace, 30 * mebibyte, 65_536);
    expect(heap.collections).toBe(1);
    // And from there it is growth that counts, also when what was in use is freed.
    heap.kept = heap.outside = 10 * mebibyte;
    allocate(heap, pace, 30 * mebibyte, 65_536);
    expect(heap.collections).toBe(1);
    allocate(heap, pace, 4 * mebibyte, 65_536);
    expect(heap.collections).toBe(2);
  });

  it('leaves a new space alone that would take long to fill, and one that is not there', () => {
    for (const room of [0, 65 * mebibyte]) {
      expect(new CollectionPace({ external: () => 0, room: () => room }).collect()).toBe(0);
    }
    expect(new CollectionPace({ external: () => 0, room: () => mebibyte }).collect()).toBeLessThan(24);
  });

  it('makes V8 collect every time, also when the code is hot', async () => {
    const pace = new CollectionPace();
    const { young } = await collectionsOf(() => {
      for (let round = 0; round < 300; round += 1) pace.collect();
    });
    expect(young).toBeGreaterThanOrEqual(300);
  });

  it('keeps V8 from walking the heap for large messages that nobody keeps', async () => {
    const region = new Region(new Uint8Array(65_536));
    const memory = new MessageMemory(() => region, new CollectionPace());
    const copies: unknown[] = [];
    const { young, full } = await collectionsOf(async () => {
      for (let round = 0; round < 16_384; round += 1) {
        copies[round & 7] = memory.copy(region.bytes, 0, 65_536);
        if ((round & 63) === 0) await nextTurn();
      }
    });
    expect(young).toBeGreaterThanOrEqual(20);
    expect(young).toBeGreaterThan(full);
  });
});

/** Counts what V8 collects meanwhile. */
async function collectionsOf(work: () => unknown): Promise<{ young: number; full: number }> {
  const counted = { young: 0, full: 0 };
  const count = (entries: object[]): void => {
    for (const entry of entries) {
      const detail: unknown = Reflect.get(entry, 'detail');
      const kind: unknown = typeof detail === 'object' && detail !== null && Reflect.get(detail, 'kind');
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) counted.young += 1;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) counted.full += 1;
    }
  };
  const observer = new PerformanceObserver((list) => count(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  await work();
  await nextTurn();
  count(observer.takeRecords());
  observer.disconnect();
  return counted;
}
