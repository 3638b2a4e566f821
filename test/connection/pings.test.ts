import { describe, expect, it } from 'vitest';
import { ClosedError } from '../../src/connection/errors.ts';
import { Pings } from '../../src/connection/pings.ts';
import type { Closure } from '../../src/connection/types.ts';
import { standing } from './wire.ts';

const closure: Closure = { code: 1006, reason: '', clean: false, by: 'transport' };
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe('pings', () => {
  it('measure the round trip of the one that a Pong repeats', async () => {
    const pings = new Pings();
    const { payload, answer } = pings.request(bytes('mine'), 100);
    expect(payload).toEqual(bytes('mine'));
    expect(pings.latency).toBeUndefined();
    pings.answered(bytes('mine'), 130);
    expect(await answer).toBe(30);
    expect(pings.latency).toBe(30);
  });

  it('ignore a Pong that repeats nothing', async () => {
    const pings = new Pings();
    pings.answered(bytes('x'), 100);
    const { answer } = pings.request(bytes('mine'), 100);
    for (const other of ['', 'min', 'mine!', 'minx']) pings.answered(bytes(other), 110);
    expect(await standing(answer)).toBe('pending');
    expect(pings.latency).toBeUndefined();
  });

  it('answer all earlier ones with the newest, none of the later ones', async () => {
    const pings = new Pings();
    const first = pings.request(undefined, 100);
    const keepalive = pings.next(105);
    const second = pings.request(undefined, 110);
    const third = pings.request(undefined, 120);
    expect(new Set([first.payload, keepalive, second.payload, third.payload].map(String)).size).toBe(4);
    pings.answered(second.payload, 150);
    expect(await first.answer).toBe(50);
    expect(await second.answer).toBe(40);
    expect(pings.latency).toBe(40);
    expect(await standing(third.answer)).toBe('pending');
    pings.answered(first.payload, 160);
    expect(pings.latency).toBe(40);
  });

  it('answer the first of two with the same payload', async () => {
    const pings = new Pings();
    const first = pings.request(bytes('same'), 100);
    const second = pings.request(bytes('same'), 200);
    pings.answered(bytes('same'), 210);
    expect(await first.answer).toBe(110);
    expect(await standing(second.answer)).toBe('pending');
  });

  it('forget old keepalive pings, but none that somebody awaits', async () => {
    const pings = new Pings();
    const awaited = pings.request(bytes('awaited'), 1);
    const oldest = pings.next(2);
    for (let index = 0; index < 64; index += 1) pings.next(3);
    pings.answered(oldest, 100);
    expect(pings.latency).toBeUndefined();
    expect(await standing(awaited.answer)).toBe('pending');
    pings.answered(bytes('awaited'), 101);
    expect(await awaited.answer).toBe(100);
  });

  it('keep any number that is awaited', async () => {
    const pings = new Pings();
    const all = Array.from({ length: 100 }, () => pings.request(undefined, 1));
    pings.answered(all.at(-1)?.payload ?? bytes(''), 8);
    expect(await Promise.all(all.map(({ answer }) => answer))).toEqual(all.map(() => 7));
  });

  it('are told when the connection is over', async () => {
    const pings = new Pings();
    pings.over(closure);
    const { answer } = pings.request(undefined, 1);
    pings.next(2);
    const failure = standing(answer);
    pings.over(closure);
    const error = await failure;
    expect(error).toBeInstanceOf(ClosedError);
    expect(error).toMatchObject({ closure });
  });
});
