import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Queue } from '../../src/connection/queue.ts';

describe('queue', () => {
  it('gives in the order of pushing, whatever the mix of pushes and takes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -30, max: 40 }), { maxLength: 300 }), (steps) => {
        const queue = new Queue<number>();
        const model: number[] = [];
        let next = 0;
        for (const step of steps) {
          for (let count = 0; count < step * 9; count += 1) {
            queue.push(next);
            model.push(next);
            next += 1;
          }
          for (let count = 0; count < -step * 9; count += 1) expect(queue.take()).toBe(model.shift());
          expect(queue.length).toBe(model.length);
          expect(queue.first).toBe(model[0]);
        }
      }),
      { seed: 20261125, numRuns: 60 },
    );
  });

  it('is empty after clearing', () => {
    const queue = new Queue<string>();
    queue.push('a');
    queue.push('b');
    queue.clear();
    expect(queue.length).toBe(0);
    expect(queue.take()).toBeUndefined();
    queue.push('c');
    expect(queue.take()).toBe('c');
  });

  it('takes a hundred thousand from a long queue without moving it each time', () => {
    const queue = new Queue<number>();
    for (let index = 0; index < 300_000; index += 1) queue.push(index);
    let sum = 0;
    for (let index = 0; index < 300_000; index += 1) sum += queue.take() ?? Number.NaN;
    expect(sum).toBe((300_000 * 299_999) / 2);
  });

  it('does not grow when it is never quite empty', () => {
    // Two million passages would leave two million places behind, 16 MB of them.
    const queue = new Queue<number>();
    queue.push(-1);
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 2_000_000; index += 1) {
      queue.push(index);
      queue.take();
    }
    expect(queue.length).toBe(1);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(12_000_000);
  });
});
