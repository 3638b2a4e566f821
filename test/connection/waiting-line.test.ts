import { describe, expect, it } from 'vitest';
import { ClosedError } from '../../src/connection/errors.ts';
import { Deferred } from '../../src/connection/promises.ts';
import { WaitingLine } from '../../src/connection/waiting-line.ts';

const over = (): ClosedError => new ClosedError({ code: 1006, reason: '', clean: false, by: 'transport' });

const waiting = (size: number) => ({ work: (done: () => void) => done(), size, ends: new Deferred() });

describe('a line of those who wait to send', () => {
  it('gives turns in order, and counts the bytes that wait', () => {
    const line = new WaitingLine();
    const [first, second] = [waiting(3), waiting(4)];
    line.push(first);
    line.push(second);
    expect([line.length, line.size]).toEqual([2, 7]);
    expect(line.first).toBe(first);
    expect(line.take()).toBe(first);
    expect([line.length, line.size]).toEqual([1, 4]);
    expect(line.take()).toBe(second);
    expect(line.take()).toBeUndefined();
    expect([line.length, line.size]).toEqual([0, 0]);
  });

  it('has one promise of room for all, and a new one after each relief', async () => {
    const line = new WaitingLine();
    const room = line.room();
    expect(line.room()).toBe(room);
    line.relieve();
    await room;
    const next = line.room();
    expect(next).not.toBe(room);
    line.relieve();
    await next;
  });

  it('tells everybody of the end with one error', async () => {
    const line = new WaitingLine();
    const waits = waiting(5);
    const holder = new Deferred();
    line.push(waits);
    line.holder = holder;
    const all = [waits.ends.promise, holder.promise, line.room()];
    line.pong = new Uint8Array(1);
    let made = 0;
    line.refuse(() => {
      made += 1;
      return over();
    });
    const reasons = (await Promise.allSettled(all)).map((one) => one.status === 'rejected' && one.reason);
    expect(reasons[0]).toBeInstanceOf(ClosedError);
    expect(new Set(reasons).size).toBe(1);
    expect(made).toBe(1);
    expect([line.length, line.size, line.holder, line.pong]).toEqual([0, 0, undefined, undefined]);
  });

  it('makes no error when nobody waits', () => {
    const line = new WaitingLine();
    line.refuse(() => {
      throw new Error('was made');
    });
    expect(line.length).toBe(0);
  });
});
