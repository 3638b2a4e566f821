import { describe, expect, it } from 'vitest';
import { Inbox } from '../../src/connection/inbox.ts';
import { InflatedMemory, type Share } from '../../src/connection/inflated.ts';
import { frame, LateSession, opcode, open, ShortWaySession, taken, turn, turnedAround } from './wire.ts';

const limit = 100_000;

interface Holder {
  readonly inbox: Inbox;
  readonly share: Share;
  readonly drops: number[];
}

/** A connection whose handler waits for messages. */
function holder(memory: InflatedMemory): Holder {
  const inbox = new Inbox();
  inbox.wait({ give() {} });
  const drops: number[] = [];
  const share = memory.share(limit, false, inbox, (actual) => drops.push(actual));
  if (share === undefined) throw new Error('no share');
  return { inbox, share, drops };
}

describe('the memory of inflated messages', () => {
  it('counts the last message of a handler that waits, and no small ones', () => {
    const memory = new InflatedMemory(limit, () => true);
    expect(memory.share(1_000, false, new Inbox(), () => {})).toBeUndefined();
    const { share, inbox } = holder(memory);
    share.add(60_000, 100, false);
    share.add(50_000, 100, false);
    expect(memory.bytes).toBe(50_000);
    share.add(10_000, 100, false);
    expect(memory.bytes).toBe(0);
    share.add(50_000, 100, false);
    share.over(inbox);
    expect(memory.bytes).toBe(0);
  });

  it('counts two of a handler that is busy, and all that pile up at the end', () => {
    const memory = new InflatedMemory(limit, () => true);
    const { share, inbox } = holder(memory);
    inbox.push('taken at once');
    share.add(20_000, 100, false);
    share.add(20_000, 100, false);
    share.add(20_000, 100, false);
    expect(memory.bytes).toBe(40_000);
    share.add(20_000, 100, true);
    share.add(20_000, 100, true);
    expect(memory.bytes).toBe(80_000);
  });

  it('fails whoever grew the most, also when that is the newcomer', () => {
    const memory = new InflatedMemory(limit, () => true);
    const modest = holder(memory);
    const bomber = holder(memory);
    const newcomer = holder(memory);
    modest.share.add(60_000, 6_000, false);
    bomber.share.add(30_000, 30, false);
    newcomer.share.add(40_000, 400, false);
    expect(bomber.drops).toEqual([130_000]);
    expect(memory.bytes).toBe(100_000);
    newcomer.share.add(50_000, 50, false);
    expect(newcomer.drops).toHaveLength(1);
    expect(modest.drops).toEqual([]);
    expect(memory.bytes).toBe(60_000);
  });

  it('does not let a bomb hide behind small messages, or empty ones', () => {
    for (const [size, came] of [
      [10, 10],
      [0, 0],
    ] as const) {
      const memory = new InflatedMemory(limit, () => true);
      const bomber = holder(memory);
      bomber.share.add(60_000, 60, false);
      bomber.inbox.push('its handler is busy from here on');
      for (let count = 0; count < 3; count += 1) bomber.share.add(size, came, false);
      expect(memory.bytes).toBeGreaterThanOrEqual(60_000);
      const honest = holder(memory);
      honest.share.add(60_000, 6_000, false);
      expect([bomber.drops.length, honest.drops.length]).toEqual([1, 0]);
    }
  });

  it('judges whoever waits again by the newest message', () => {
    const memory = new InflatedMemory(limit, () => true);
    const reformed = holder(memory);
    reformed.share.add(60_000, 60, false);
    reformed.share.add(60_000, 30_000, false);
    const other = holder(memory);
    other.share.add(60_000, 6_000, false);
    expect([reformed.drops.length, other.drops.length]).toEqual([0, 1]);
  });

  it('fails nobody while there is memory', () => {
    let scarce = false;
    const memory = new InflatedMemory(limit, () => scarce);
    const [one, other] = [holder(memory), holder(memory)];
    one.share.add(90_000, 900, false);
    other.share.add(90_000, 90, false);
    expect([one.drops, other.drops]).toEqual([[], []]);
    scarce = true;
    one.share.add(90_000, 900, false);
    expect([one.drops, other.drops]).toEqual([[], [180_000]]);
  });

  it('lets one that is alone have what its own limits allow', () => {
    const memory = new InflatedMemory(limit, () => true);
    const { share, drops } = holder(memory);
    share.add(2 * limit, 10, false);
    expect(drops).toEqual([]);
    expect(memory.bytes).toBe(2 * limit);
  });

  it('counts what an ended connection has left until it is taken, and does not fail it again', () => {
    const memory = new InflatedMemory(limit, () => true);
    const ended = holder(memory);
    ended.inbox.push('taken at once');
    ended.inbox.push('x'.repeat(90_000));
    ended.share.add(90_000, 90, false);
    ended.share.over(ended.inbox);
    expect(memory.bytes).toBeGreaterThanOrEqual(90_000);
    const honest = holder(memory);
    honest.share.add(20_000, 2_000, false);
    expect(honest.drops).toHaveLength(1);
    expect(ended.drops).toEqual([]);
    ended.inbox.take();
    ended.share.over(ended.inbox);
    expect(memory.bytes).toBe(0);
  });
});

describe('connections with an extension', () => {
  const marked = (size: number): Buffer =>
    frame(opcode.binary, turnedAround(Buffer.alloc(size, 'x')), { rsv: 0x40 });

  it('fail with 1013 and lose what was not taken when all together have too much', async () => {
    const runtime = { inflated: new InflatedMemory(limit, () => true) };
    const session = (): LateSession => Object.assign(new LateSession(), { prompt: true });
    const one = open({ session: session(), runtime });
    const two = open({ session: session(), runtime });
    one.wire.feed(marked(60_000));
    two.wire.feed(marked(60_000));
    one.wire.feed(frame(opcode.text, 'too late'));
    await turn();
    expect(one.protocol.closureSoFar()).toMatchObject({
      code: 1013,
      by: 'us',
      cause: { limit: 'inflated memory', max: limit },
    });
    expect(taken(one.connection)).toEqual([null]);
    expect(taken(two.connection)).toEqual([Buffer.alloc(60_000, 'x')]);
    expect(runtime.inflated.bytes).toBeGreaterThan(0);
    two.wire.peer.closed();
    expect(runtime.inflated.bytes).toBe(0);
  });

  it('fail by a message that came the short way too, without having it', async () => {
    const runtime = { inflated: new InflatedMemory(limit, () => true) };
    const ended = open({ session: new ShortWaySession(), runtime });
    ended.wire.feed(marked(60_000));
    ended.wire.peer.closed();
    const one = open({ session: new ShortWaySession(), runtime });
    one.wire.feed(marked(60_000));
    await turn();
    expect(one.protocol.closureSoFar()).toMatchObject({ code: 1013, by: 'us' });
    expect(taken(one.connection)).toEqual([null]);
    expect(taken(ended.connection)).toEqual([Buffer.alloc(60_000, 'x'), null]);
    expect(runtime.inflated.bytes).toBe(0);
  });

  it('lose the message too that is in the works when others make them fail', async () => {
    const runtime = { inflated: new InflatedMemory(limit, () => true) };
    const session = new LateSession();
    const failing = open({ session, runtime });
    failing.wire.feed(marked(60_000));
    session.answerInbound();
    failing.wire.feed(marked(20_000));
    const other = open({ session: Object.assign(new LateSession(), { prompt: true }), runtime });
    other.wire.feed(marked(60_000));
    session.answerInbound();
    await turn();
    expect(failing.protocol.closureSoFar()).toMatchObject({ code: 1013, by: 'us' });
    expect(taken(failing.connection)).toEqual([null]);
    expect(taken(other.connection)).toHaveLength(1);
    failing.wire.peer.closed();
    other.wire.peer.closed();
    expect(runtime.inflated.bytes).toBe(0);
  });

  it('have small messages counted too when all that came before the end piles up', () => {
    const runtime = { inflated: new InflatedMemory(limit, () => true) };
    const { connection, wire } = open({
      session: Object.assign(new LateSession(), { prompt: true }),
      runtime,
    });
    wire.feed(Buffer.concat(Array.from({ length: 16 }, () => marked(16_000))));
    expect(runtime.inflated.bytes).toBe(0);
    wire.peer.closed();
    // Beside those that found room in the inbox.
    expect(runtime.inflated.bytes).toBeGreaterThanOrEqual(11 * 16_000);
    expect(taken(connection)).toHaveLength(17);
    expect(runtime.inflated.bytes).toBe(0);
  });

  it('release what they had once it is taken after the end', () => {
    const runtime = { inflated: new InflatedMemory(limit, () => true) };
    const { connection, wire } = open({
      session: Object.assign(new LateSession(), { prompt: true }),
      runtime,
    });
    wire.feed(marked(70_000), marked(20_000), frame(opcode.text, 'last'));
    wire.peer.ended();
    wire.peer.closed();
    expect(runtime.inflated.bytes).toBeGreaterThanOrEqual(90_000);
    expect(taken(connection)).toEqual([Buffer.alloc(70_000, 'x'), Buffer.alloc(20_000, 'x'), 'last', null]);
    expect(runtime.inflated.bytes).toBe(0);
  });
});
