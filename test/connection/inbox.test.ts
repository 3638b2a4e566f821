import { describe, expect, it } from 'vitest';
import { Inbox, inboxHighWater } from '../../src/connection/inbox.ts';
import type { Message } from '../../src/connection/types.ts';
import { runtime } from '../../src/framework/runtime.ts';

describe('inbox', () => {
  it('keeps messages in order, and tells "none yet" from "none any more"', () => {
    const inbox = new Inbox();
    expect(inbox.take()).toBeUndefined();
    inbox.push('one');
    inbox.push('two');
    inbox.end();
    inbox.end();
    expect(inbox.ended).toBe(true);
    expect([inbox.take(), inbox.take(), inbox.take(), inbox.take()]).toEqual(['one', 'two', null, null]);
  });

  it('counts an empty message too, so that a flood of them fills it', () => {
    const inbox = new Inbox();
    let pushed = 1;
    while (inbox.push('')) pushed += 1;
    expect(inbox.full).toBe(true);
    expect(pushed).toBe(inboxHighWater / 64);
  });

  it('asks for more once, when half of it was taken', () => {
    const inbox = new Inbox();
    let demands = 0;
    inbox.source = {
      resume: () => {
        demands += 1;
      },
    };
    const message = 'x'.repeat(1_024 - 64);
    for (let index = 1; index < 64; index += 1) expect(inbox.push(message)).toBe(true);
    expect(inbox.push(message)).toBe(false);
    for (let index = 1; index < 32; index += 1) inbox.take();
    expect(demands).toBe(0);
    inbox.take();
    expect(demands).toBe(1);
    for (let index = 0; index < 32; index += 1) inbox.take();
    expect(demands).toBe(1);
  });

  it('gives what is taken also where asking for more is cut off, and asks again at the next one', () => {
    const inbox = new Inbox();
    let cuts = 0;
    inbox.source = {
      resume: () => {
        cuts += 1;
        if (cuts <= 2) throw new RangeError('the stack is full');
        inbox.push('more');
      },
    };
    const message = 'x'.repeat(inboxHighWater / 2);
    expect([inbox.push(message), inbox.push(message)]).toEqual([true, false]);
    expect([inbox.take(), cuts]).toEqual([message, 0]);
    expect([inbox.take(), cuts]).toEqual([message, 1]);
    expect([inbox.take(), cuts]).toEqual([undefined, 2]);
    expect([inbox.take(), cuts]).toEqual(['more', 3]);
    expect([inbox.take(), cuts]).toEqual([undefined, 3]);
  });

  it('fills and empties without anybody who wants to be asked', () => {
    const inbox = new Inbox();
    expect(inbox.push('x'.repeat(inboxHighWater))).toBe(false);
    expect(inbox.take()).toHaveLength(inboxHighWater);
    expect(inbox.full).toBe(false);
  });

  it('serves waiting takers in order, without queueing', () => {
    const inbox = new Inbox();
    const got: (Message | null)[] = [];
    inbox.wait({ give: (message) => got.push(message) });
    inbox.wait({ give: (message) => got.push(message) });
    expect(inbox.push('x'.repeat(inboxHighWater))).toBe(true);
    inbox.push('second');
    inbox.push('third');
    expect(got.map((message) => message?.length)).toEqual([inboxHighWater, 6]);
    expect(inbox.take()).toBe('third');
  });

  it('takes a taker back, and ends the others with null', () => {
    const inbox = new Inbox();
    const got: [string, Message | null][] = [];
    const first = { give: (message: Message | null): void => void got.push(['first', message]) };
    const second = { give: (message: Message | null): void => void got.push(['second', message]) };
    inbox.cancel(first);
    inbox.wait(first);
    inbox.wait(second);
    inbox.cancel(first);
    inbox.cancel(first);
    inbox.end();
    expect(got).toEqual([['second', null]]);
  });

  it('forgets what is queued, and is not full any more', () => {
    const inbox = new Inbox();
    let demands = 0;
    inbox.source = {
      resume: () => {
        demands += 1;
      },
    };
    inbox.push('x'.repeat(inboxHighWater));
    inbox.clear();
    expect(inbox.full).toBe(false);
    expect(inbox.take()).toBeUndefined();
    expect(demands).toBe(0);
  });

  it('keeps what comes last although it is full, behind all else, and says when nothing is left', () => {
    const inbox = new Inbox();
    let demands = 0;
    inbox.source = {
      resume: () => {
        demands += 1;
      },
    };
    inbox.keep('x'.repeat(inboxHighWater), runtime);
    for (const message of ['one', Buffer.from('two'), 'three']) inbox.keep(message, runtime);
    // They weigh nothing, because they are no objects yet.
    expect(inbox.weight).toBe(inboxHighWater + 64);
    inbox.end();
    expect(inbox.take()).toHaveLength(inboxHighWater);
    inbox.keep('four', runtime);
    expect([inbox.take(), inbox.take(), inbox.take()]).toEqual(['one', Buffer.from('two'), 'three']);
    expect([inbox.empty, demands]).toEqual([false, 1]);
    expect([inbox.take(), inbox.take()]).toEqual(['four', null]);
    expect([inbox.empty, demands]).toEqual([true, 2]);
  });

  it('hands what comes last to a taker that waits', () => {
    const inbox = new Inbox();
    const given: (Message | null)[] = [];
    inbox.wait({ give: (message) => given.push(message) });
    inbox.keep('one', runtime);
    inbox.keep('two', runtime);
    expect([...given, inbox.take()]).toEqual(['one', 'two']);
  });
});
