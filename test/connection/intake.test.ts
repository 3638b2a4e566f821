/** When chunks are decoded, what waits, and that nothing of it is lost: a full inbox, a spent turn, an error in between. */
import { describe, expect, it } from 'vitest';
import type { InboundDone } from '../../src/extension/types.ts';
import { runtime } from '../../src/framework/runtime.ts';
import { closing, frame, LateSession, opcode, open, taken, turn } from './wire.ts';

const { text, close } = opcode;
const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

describe('backpressure', () => {
  it('stops reading when the inbox is full, loses nothing, and goes on', () => {
    const { connection, wire } = open();
    const count = 300;
    const chunk = Buffer.concat(
      Array.from({ length: count }, (_, index) => frame(text, `${index}`.padStart(1_000))),
    );
    wire.feed(chunk);
    expect(wire.paused).toBe(true);
    // What was on its way all the same waits too.
    wire.feed(frame(text, 'later'), frame(text, 'last'));
    const got: (string | Uint8Array | null)[] = [];
    while (wire.paused) {
      const next = connection.tryRecv();
      if (typeof next !== 'string') throw new Error('the input has stopped with an empty inbox');
      got.push(next.trim());
    }
    got.push(...taken(connection).map((message) => `${message}`.trim()));
    expect(got).toEqual([...Array.from({ length: count }, (_, index) => `${index}`), 'later', 'last']);
    expect(wire.pauses).toBe(wire.resumes);
  });

  it('reads again at half, not at every message', () => {
    const { connection, wire } = open();
    for (let index = 0; index < 500; index += 1) wire.feed(frame(text, 'x'.repeat(1_000)));
    expect(wire.pauses).toBe(1);
    expect(taken(connection)).toHaveLength(500);
    expect(wire.paused).toBe(false);
  });

  it('pauses exactly at the end of a chunk too', () => {
    const { connection, wire } = open();
    wire.feed(frame(text, 'x'.repeat(70_000)));
    expect(wire.paused).toBe(true);
    connection.tryRecv();
    expect(wire.paused).toBe(false);
  });

  it('takes one frame at a time from a transport that does not stop', () => {
    const { connection, wire } = open();
    wire.feed(frame(text, 'x'.repeat(70_000)));
    wire.feed(join(frame(text, 'one'), frame(text, 'two')));
    wire.feed(frame(text, 'three'));
    expect(taken(connection).slice(1)).toEqual(['one', 'two', 'three']);
    expect(wire.paused).toBe(false);
  });

  it('delivers what waits when the peer ends, and only then ends', () => {
    const { connection, wire, closures } = open();
    const all = Array.from({ length: 200 }, (_, index) => frame(text, `${index}`.padStart(1_000)));
    wire.feed(Buffer.concat(all), frame(text, 'on its way'));
    wire.peer.ended();
    wire.peer.closed();
    expect(closures).toMatchObject([{ code: 1006, clean: false, by: 'transport' }]);
    const got = taken(connection);
    expect(got).toHaveLength(202);
    expect(got.slice(-2)).toEqual(['on its way', null]);
  });

  it('acts on a Close that waits behind a full inbox when the transport ends', () => {
    const { wire, closures } = open();
    wire.feed(join(frame(text, 'x'.repeat(70_000)), frame(close, closing(1000, 'done'))));
    wire.peer.ended();
    wire.peer.closed();
    expect(closures).toMatchObject([{ code: 1000, reason: 'done', clean: true, by: 'peer' }]);
  });

  it('forgets what waits when a violation comes first', () => {
    const { connection, wire, closures } = open();
    wire.feed(join(frame(text, 'x'.repeat(70_000)), frame(3), frame(text, 'never')), frame(text, 'never'));
    connection.tryRecv();
    expect(connection.state).toBe('draining');
    expect(wire.paused).toBe(false);
    expect(taken(connection)).toEqual([null]);
    wire.peer.closed();
    expect(closures).toMatchObject([{ code: 1002, by: 'us' }]);
  });

  it('throws input away once we are closing and the inbox is full, so that the peer’s Close arrives', async () => {
    const { connection, wire, closures } = open();
    wire.feed(join(frame(text, 'x'.repeat(70_000)), frame(text, 'dropped'), frame(close, closing(1000))));
    expect(wire.paused).toBe(true);
    void connection.close();
    expect(wire.paused).toBe(false);
    expect(connection.state).toBe('draining');
    wire.peer.closed();
    expect(closures).toMatchObject([{ code: 1000, clean: true, by: 'us' }]);
    expect(taken(connection).map((message) => message?.length)).toEqual([70_000, undefined]);
  });
});

describe('memory that what waits is decoded in', () => {
  it('is not that of another connection whose messages are taken meanwhile, and is free again behind an error', () => {
    const large = 'x'.repeat(70_000);
    const texts = (of: string): string[] =>
      Array.from({ length: 100 }, (_, index) => `${of}${index}`.padEnd(60));
    const framesOf = (of: string): Buffer[] => texts(of).map((each) => frame(text, each));
    const other = open();
    other.wire.feed(join(frame(text, large), ...framesOf('other')));
    const got: unknown[] = [];
    const session = new LateSession();
    session.inbound = () => {
      got.push(...taken(other.connection));
      throw new Error('out of memory');
    };
    const marked = frame(opcode.binary, 'x', { rsv: 0x40 });
    const { connection, wire } = open({ session });
    wire.feed(join(frame(text, large), ...framesOf('this'), marked));
    expect(taken(connection)).toEqual([large, ...texts('this')]);
    expect(got).toEqual([large, ...texts('other')]);

    const third = open({ session: Object.assign(new LateSession(), { prompt: true, inbound: meddling }) });
    const fourth = open();
    fourth.wire.feed(join(frame(text, large), ...framesOf('fourth')));
    function meddling(this: LateSession, payload: Uint8Array, limit: number, done: InboundDone): void {
      taken(fourth.connection);
      LateSession.prototype.inbound.call(this, payload, limit, done);
    }
    third.wire.feed(join(frame(text, large), marked, ...framesOf('third')));
    expect(taken(third.connection)).toEqual([large, Buffer.from([0x78 ^ 0xff]), ...texts('third')]);
    expect(runtime.borrow()).toBeDefined();
  });
});

describe('a chunk that brings much when the turn is spent', () => {
  const many = (count: number, size: number): Buffer =>
    join(...Array.from({ length: count }, (_, index) => frame(text, `${index}`.padEnd(size))));

  /** A connection whose turns are spent when the test says so, and its place in the line. */
  function crowded() {
    const line: (() => void)[] = [];
    const turns = { spent: true };
    const opened = open({
      runtime: { isSpent: () => turns.spent, getInLine: (act) => void line.push(act) },
    });
    return { ...opened, line, turns };
  }

  it('waits to be thrown away too, behind the end', async () => {
    const { protocol, wire, line, turns } = crowded();
    wire.feed(frame(3, 'reserved'));
    await turn();
    expect(protocol.reading).toBe(false);
    expect(wire.paused).toBe(false);
    wire.feed(many(1, 10));
    expect(wire.paused).toBe(false);
    wire.feed(many(50, 100), many(50, 100));
    expect(wire.paused).toBe(true);
    expect(line).toHaveLength(1);
    line.shift()?.();
    expect(wire.paused).toBe(false);
    turns.spent = false;
    wire.feed(many(50, 100));
    expect(wire.paused).toBe(false);
    expect(line).toHaveLength(0);
  });

  it('waits undecoded, once, with all that comes behind it, and loses nothing', () => {
    const { connection, wire, line, turns } = crowded();
    wire.feed(many(50, 100));
    expect(taken(connection)).toEqual([]);
    expect(wire.paused).toBe(true);
    wire.feed(frame(text, 'behind'), many(1, 10));
    expect(line).toHaveLength(1);
    turns.spent = false;
    line[0]?.();
    const messages = taken(connection);
    expect(messages).toHaveLength(52);
    expect(messages.slice(49, 51)).toEqual(['49'.padEnd(100), 'behind']);
    expect(wire.paused).toBe(false);
    expect(line).toHaveLength(1);
  });

  it('gets in line again when the turn is spent in the middle', () => {
    const { connection, wire, line, turns } = crowded();
    turns.spent = false;
    // More than an inbox holds: the rest waits until somebody takes.
    wire.feed(many(2_000, 100));
    turns.spent = true;
    const before = taken(connection).length;
    expect(before).toBeLessThan(2_000);
    expect(line).toHaveLength(1);
    turns.spent = false;
    line[0]?.();
    expect(taken(connection).length + before).toBe(2_000);
  });

  it('keeps its place when we begin to close', () => {
    const { connection, wire, line, turns } = crowded();
    wire.feed(many(50, 100));
    turns.spent = false;
    void connection.close();
    expect(taken(connection)).toEqual([]);
    expect(line).toHaveLength(1);
    line[0]?.();
    expect(taken(connection)).toHaveLength(50);
  });

  it('does not wait when it is small', () => {
    const { connection, wire, line } = crowded();
    wire.feed(many(10, 100));
    expect(taken(connection)).toHaveLength(10);
    expect(line).toHaveLength(0);
  });

  it('is decoded at the end of the transport, in line or not', () => {
    const { connection, wire, closures, line } = crowded();
    wire.feed(join(many(50, 100), frame(close, closing(1000))));
    wire.peer.ended();
    wire.peer.closed();
    expect(taken(connection)).toHaveLength(51);
    expect(closures).toMatchObject([{ code: 1000, clean: true }]);
    line[0]?.();
    expect(closures).toHaveLength(1);
  });

  it('gives no message whose last piece is no text, also right behind another message', async () => {
    const { connection, wire, line, turns } = crowded();
    const bad = frame(text, Buffer.concat([Buffer.from('looks good'), Buffer.of(0xff)]));
    wire.feed(join(many(50, 100), bad.subarray(0, -1)), bad.subarray(-1));
    turns.spent = false;
    line[0]?.();
    expect(taken(connection)).toHaveLength(50);
    await turn();
    expect(taken(connection)).toEqual([null]);
    expect(wire.sent.map(({ payload }) => payload.readUInt16BE(0))).toEqual([1007]);
  });

  it('is forgotten when the connection is dropped', () => {
    const { connection, wire, line, turns } = crowded();
    wire.feed(many(50, 100));
    connection.terminate();
    turns.spent = false;
    line[0]?.();
    expect(taken(connection)).toEqual([null]);
  });
});

describe('an error that cuts the decoding off', () => {
  /** An extension that runs out of memory at its second message. */
  class FailingSession extends LateSession {
    #calls = 0;

    override inbound(): void {
      this.#calls += 1;
      throw new RangeError(`out of memory, ${this.#calls}`);
    }
  }

  const marked = frame(opcode.text, 'a', { rsv: 0x40 });
  const end = { code: 1011, clean: false, by: 'us', cause: expect.objectContaining({ name: 'RangeError' }) };

  it('ends the connection, since what comes behind it cannot be read; what came before is kept', async () => {
    const { connection, wire } = open({ session: new FailingSession() });
    wire.feed(Buffer.concat([frame(opcode.text, 'before'), marked, frame(opcode.text, 'behind')]));
    wire.feed(frame(opcode.text, 'later'));
    expect(taken(connection)).toEqual(['before', null]);
    const [close] = wire.sent;
    expect([close?.opcode, close?.payload.readUInt16BE(0)]).toEqual([opcode.close, 1011]);
    wire.peer.ended();
    wire.peer.closed();
    expect(await connection.closed).toMatchObject(end);
  });

  it('does so a turn later where somebody asks for more', async () => {
    const { connection, wire } = open({ session: new FailingSession() });
    const large = 'x'.repeat(50_000);
    wire.feed(Buffer.concat([frame(opcode.text, large), frame(opcode.text, large), marked, marked]));
    expect(taken(connection)).toEqual([large, large]);
    expect(wire.writes).toHaveLength(0);
    await turn();
    expect(wire.sent[0]?.payload.readUInt16BE(0)).toBe(1011);
    expect(taken(connection)).toEqual([null]);
  });

  it('does so at the next bytes or the next question, where even that turn could not be had', async () => {
    for (const next of ['bytes', 'question']) {
      let room = false;
      const runtime = {
        later: (act: () => void) => {
          if (!room) throw new RangeError('the stack is full');
          setImmediate(act);
        },
      };
      const { connection, wire } = open({ session: new FailingSession(), runtime });
      const large = 'x'.repeat(50_000);
      wire.feed(Buffer.concat([frame(opcode.text, large), frame(opcode.text, large), marked]));
      expect(taken(connection)).toEqual([large, large]);
      room = true;
      await turn();
      expect(wire.writes).toHaveLength(0);
      if (next === 'bytes') wire.feed(frame(opcode.text, 'behind'));
      else expect(taken(connection)).toEqual([]);
      await turn();
      expect(wire.sent[0]?.payload.readUInt16BE(0)).toBe(1011);
      expect(taken(connection)).toEqual([null]);
    }
  });

  it('does so at the end of the transport', async () => {
    const { connection, wire } = open({ session: new FailingSession() });
    const large = 'x'.repeat(50_000);
    wire.feed(Buffer.concat([frame(opcode.text, large), frame(opcode.text, large), marked, marked]));
    wire.peer.ended();
    wire.peer.closed();
    expect(taken(connection)).toEqual([large, large, null]);
    expect(await connection.closed).toMatchObject(end);
  });
});
