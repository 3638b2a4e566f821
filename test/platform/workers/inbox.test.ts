import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInbox } from '../../../src/platform/workers/inbox.ts';

describe('the inbox of a served socket', () => {
  it('gives messages in order, to those who wait first', async () => {
    const inbox = createInbox(1000);
    const [first, second] = [inbox.recv(), inbox.recv()];
    for (const text of ['a', 'b', 'c']) expect(inbox.push(text)).toBe(true);
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
    expect(inbox.tryRecv()).toBe('c');
    expect(inbox.tryRecv()).toBeUndefined();
  });

  it('keeps empty messages', async () => {
    const inbox = createInbox(1000);
    inbox.push('');
    inbox.push(new Uint8Array(0));
    expect(await inbox.recv()).toBe('');
    expect(await inbox.recv()).toEqual(new Uint8Array(0));
  });

  it('gives what is queued after the end, and then null to everyone', async () => {
    const inbox = createInbox(1000);
    const waiting = inbox.recv();
    inbox.push('a');
    inbox.push('b');
    const later = [inbox.recv(), inbox.recv()];
    inbox.end();
    expect(await waiting).toBe('a');
    expect(await Promise.all(later)).toEqual(['b', null]);
    expect(inbox.tryRecv()).toBeNull();
    expect(await inbox.recv()).toBeNull();
  });

  it('takes nothing in after the end', async () => {
    const inbox = createInbox(1000);
    inbox.push('before');
    inbox.end();
    expect(inbox.push('after')).toBe(true);
    expect([inbox.tryRecv(), inbox.tryRecv(), await inbox.recv()]).toEqual(['before', null, null]);
  });

  it('takes one message of any size, and no second one over the bound', () => {
    const inbox = createInbox(100);
    expect(inbox.push('x'.repeat(1000))).toBe(true);
    expect(inbox.push('')).toBe(false);
    inbox.tryRecv();
    expect(inbox.push('')).toBe(true);
  });

  it('never holds more than its bound beside one message, and loses nothing it took', () => {
    const step = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 80 }),
      fc.constant(undefined),
    );
    const property = fc.property(
      fc.array(step, { maxLength: 100 }),
      fc.integer({ min: 1, max: 600 }),
      (steps, max) => {
        const inbox = createInbox(max);
        const model: (string | Uint8Array)[] = [];
        const weigh = (message: string | Uint8Array): number =>
          64 + (typeof message === 'string' ? message.length * 2 : message.length);
        const total = (): number => model.reduce((sum, message) => sum + weigh(message), 0);
        for (const message of steps) {
          if (message === undefined) {
            expect(inbox.tryRecv()).toBe(model.shift());
          } else {
            const fits = model.length === 0 || total() + weigh(message) <= max;
            expect(inbox.push(message)).toBe(fits);
            if (fits) model.push(message);
          }
        }
      },
    );
    fc.assert(property, { seed: 20261125, numRuns: 300 });
  });
});
