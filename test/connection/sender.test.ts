/** What an application sends, and what a slow peer makes of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClosedError } from '../../src/connection/errors.ts';
import { prepare } from '../../src/connection/payload.ts';
import { LimitError } from '../../src/frame/errors.ts';
import {
  client,
  closing,
  frame,
  LateSession,
  type Opened,
  opcode,
  open,
  ShortWaySession,
  server,
  standing,
  turn,
  turnedAround,
} from './wire.ts';

const { text, binary, continuation, close, ping, pong } = opcode;

const sentTexts = ({ wire }: Opened): string[] => wire.sent.map(({ payload }) => payload.toString());

/** Limits of a few bytes. The header of a small frame has two. */
const tight = { writeBufferSize: 10, maxWriteBufferSize: 100 } as const;

async function* chunks<Chunk>(...all: readonly Chunk[]): AsyncGenerator<Chunk> {
  for (const chunk of all) {
    await null;
    yield chunk;
  }
}

/** Chunks that come when the test pushes them. */
function feed<Chunk>(): {
  iterable: AsyncIterable<Chunk>;
  push(chunk: Chunk): void;
  end(): void;
  fail(error: unknown): void;
  returned: { count: number };
} {
  const queue: (() => Promise<IteratorResult<Chunk, undefined>>)[] = [];
  let wake = (): void => {};
  const returned = { count: 0 };
  const add = (step: () => Promise<IteratorResult<Chunk, undefined>>): void => {
    queue.push(step);
    wake();
  };
  const iterator: AsyncIterator<Chunk, undefined> = {
    async next() {
      while (queue.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const step = queue.shift();
      return step === undefined ? { done: true, value: undefined } : step();
    },
    async return() {
      returned.count += 1;
      return { done: true, value: undefined };
    },
  };
  return {
    iterable: { [Symbol.asyncIterator]: () => iterator },
    push: (chunk) => add(async () => ({ done: false, value: chunk })),
    end: () => add(async () => ({ done: true, value: undefined })),
    fail: (error) => add(() => Promise.reject(error)),
    returned,
  };
}

describe('sending', () => {
  it('writes everything of a turn at once, in the order of the calls', async () => {
    const opened = open();
    const { connection, wire } = opened;
    void connection.send('one');
    void connection.send(Buffer.from('two'));
    void connection.send(prepare('three'));
    connection.write('four');
    void connection.send('five');
    expect(wire.writes).toHaveLength(0);
    await turn();
    expect(wire.writes).toHaveLength(1);
    expect(sentTexts(opened)).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, binary, text, text, text]);
    expect(connection.bufferedAmount).toBe(0);
  });

  it('masks as a client, with prepared messages too', async () => {
    const opened = open({ role: client });
    const frame = prepare('prepared');
    void opened.connection.send(frame);
    void opened.connection.send(prepare(Buffer.alloc(20_000, 'x')));
    void opened.connection.send('text');
    await turn();
    expect(opened.wire.sent.every(({ masked }) => masked)).toBe(true);
    expect(sentTexts(opened)).toEqual(['prepared', 'x'.repeat(20_000), 'text']);
    expect(Buffer.from(frame.payload).toString()).toBe('prepared');
  });

  it('does not follow later changes of a small message, also when it has to wait', async () => {
    const opened = open({ settings: tight });
    const { connection, wire } = opened;
    wire.congested = true;
    const bytes = Buffer.from('before'.repeat(10));
    void connection.send(bytes);
    const waits = connection.send(bytes);
    bytes.fill('x');
    expect(await standing(waits)).toBe('pending');
    wire.relieve();
    await waits;
    await turn();
    expect(sentTexts(opened)).toEqual(['before'.repeat(10), 'before'.repeat(10)]);
  });

  it('tells what waits: collected, queued and in the transport', async () => {
    const { connection, wire } = open({ settings: tight });
    wire.congested = true;
    void connection.send('12345678');
    expect(connection.bufferedAmount).toBe(10);
    void connection.send('€'.repeat(30));
    expect(connection.bufferedAmount).toBe(10 + 92);
    void connection.send('€'.repeat(30));
    expect(connection.bufferedAmount).toBe(10 + 92 + 90);
    wire.relieve();
    await turn();
    expect(connection.bufferedAmount).toBe(0);
  });

  it('keeps the order of a million messages that nobody awaits', async () => {
    const { connection, wire } = open();
    const count = 1_000_000;
    let last: Promise<void> | undefined;
    for (let index = 0; index < count; index += 1) last = connection.send(`${index}`);
    await last;
    await turn();
    expect(connection.bufferedAmount).toBe(0);
    const all = Buffer.concat(wire.writes);
    let at = 0;
    for (let index = 0; index < count; index += 1) {
      const length = (all[at + 1] ?? 0) & 127;
      if (all.toString('latin1', at + 2, at + 2 + length) !== `${index}`)
        throw new Error(`message ${index} is not in its place`);
      at += 2 + length;
    }
    expect(at).toBe(all.length);
  });

  it('keeps the order of many messages behind a congested transport', async () => {
    const opened = open({ settings: { writeBufferSize: 1_000, maxWriteBufferSize: 10_000 } });
    const { connection, wire } = opened;
    wire.congested = true;
    const count = 20_000;
    const sends = Array.from({ length: count }, (_, index) => connection.send(`${index}`));
    await turn();
    expect(wire.bufferedAmount).toBeLessThan(10_100);
    wire.relieve();
    await Promise.all(sends);
    await turn();
    expect(connection.bufferedAmount).toBe(0);
    expect(sentTexts(opened)).toEqual(Array.from({ length: count }, (_, index) => `${index}`));
  });
});

describe('backpressure', () => {
  it('has send wait above the high-water mark, until the transport is empty', async () => {
    const { connection, wire } = open({ settings: tight });
    wire.congested = true;
    const accepted = connection.send('12345678');
    expect(await standing(accepted)).toBe('resolved');
    const waits = [connection.send('x'), connection.send('y'), connection.flush()];
    for (const one of waits) expect(await standing(one)).toBe('pending');
    wire.relieve();
    await Promise.all(waits);
  });

  it('does not let what was merely collected count against a peer that keeps up', async () => {
    const opened = open({ settings: { ...tight, overflow: 'error' } });
    const { connection } = opened;
    connection.write('x'.repeat(5));
    await connection.send('y'.repeat(99));
    connection.write('z'.repeat(5));
    expect(connection.write('w'.repeat(98))).toBe(100);
    await turn();
    expect(sentTexts(opened).map(({ length }) => length)).toEqual([5, 99, 5, 98]);
  });

  it('gives others their turn in a loop of awaited sends, also when the system takes everything at once', async () => {
    const { connection } = open();
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns += 1;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    for (let index = 0; index < 50; index += 1) await connection.send(Buffer.alloc(200_000));
    over = true;
    expect(turns).toBeGreaterThanOrEqual(50);
    // Small messages too: once for each buffer's size.
    const before = turns;
    over = false;
    setImmediate(count);
    for (let index = 0; index < 2_000; index += 1) await connection.send('x'.repeat(1_000));
    over = true;
    expect(turns - before).toBeGreaterThanOrEqual(10);
  });

  it('never hangs on a message behind writes that nobody flushed', async () => {
    const opened = open({ settings: { writeBufferSize: 1_000, maxWriteBufferSize: 100 } });
    opened.connection.write('x'.repeat(60));
    await opened.connection.send('y'.repeat(60));
    await turn();
    expect(sentTexts(opened).map(({ length }) => length)).toEqual([60, 60]);
  });

  it('lets one message through that alone is over the limit', async () => {
    const opened = open({ settings: { ...tight, overflow: 'error' } });
    await opened.connection.send('x'.repeat(500));
    expect(sentTexts(opened)).toEqual(['x'.repeat(500)]);
  });

  it('overflow "wait": a message over the limit waits for room', async () => {
    const opened = open({ settings: tight });
    const { connection, wire } = opened;
    wire.congested = true;
    void connection.send('a'.repeat(60));
    const second = connection.send('b'.repeat(60));
    const third = connection.send('c');
    await turn();
    expect(sentTexts(opened)).toEqual(['a'.repeat(60)]);
    wire.takeAll();
    await turn();
    // The small one too has to wait behind it.
    expect(sentTexts(opened)).toEqual(['a'.repeat(60), 'b'.repeat(60), 'c']);
    expect(await standing(Promise.all([second, third]))).toBe('pending');
    wire.relieve();
    await Promise.all([second, third]);
  });

  it('overflow "wait": what waits goes out in portions', async () => {
    const opened = open({ settings: tight });
    const { connection, wire } = opened;
    wire.congested = true;
    const sends = Array.from({ length: 10 }, (_, index) => connection.send(`${index}`.repeat(70)));
    for (let index = 1; index < 10; index += 1) {
      await turn();
      expect(wire.writes).toHaveLength(index);
      wire.takeAll();
    }
    wire.relieve();
    await Promise.all(sends);
    expect(sentTexts(opened)).toEqual(Array.from({ length: 10 }, (_, index) => `${index}`.repeat(70)));
  });

  it('overflow "wait": what waits goes out without pause once there is room', async () => {
    const opened = open({ settings: { writeBufferSize: 1_000, maxWriteBufferSize: 100 } });
    const { connection, wire } = opened;
    wire.congested = true;
    const sends = Array.from({ length: 5 }, (_, index) => connection.send(`${index}`.repeat(60)));
    await turn();
    expect(wire.writes).toHaveLength(1);
    wire.relieve();
    await Promise.all(sends);
    await turn();
    expect(sentTexts(opened)).toEqual(Array.from({ length: 5 }, (_, index) => `${index}`.repeat(60)));
  });

  it('overflow "error": the message is refused, the connection lives', async () => {
    const opened = open({ settings: { ...tight, overflow: 'error' } });
    const { connection, wire } = opened;
    wire.congested = true;
    void connection.send('a'.repeat(60));
    const refused = await standing(connection.send('b'.repeat(60)));
    expect(refused).toBeInstanceOf(LimitError);
    expect(refused).toMatchObject({ limit: 'maxWriteBufferSize', max: 100, actual: 62 + 60 });
    expect(() => connection.write('b'.repeat(60))).toThrow(LimitError);
    void connection.send('c');
    expect(connection.state).toBe('open');
    wire.relieve();
    await turn();
    expect(sentTexts(opened)).toEqual(['a'.repeat(60), 'c']);
  });

  it('overflow "close": the peer is dropped with 1013', async () => {
    const opened = open({ settings: { ...tight, overflow: 'close' } });
    const { connection, wire, closures } = opened;
    wire.congested = true;
    void connection.send('a'.repeat(60));
    const refused = await standing(connection.send('b'.repeat(60)));
    expect(refused).toBeInstanceOf(LimitError);
    expect(connection.state).toBe('draining');
    expect(wire.sent.at(-1)?.payload.equals(closing(1013, 'too slow'))).toBe(true);
    wire.peer.closed();
    expect(closures).toMatchObject([
      { code: 1013, reason: 'too slow', clean: false, by: 'us', cause: refused },
    ]);
  });

  it('tells everybody who waits that the connection is over', async () => {
    const { connection, wire, closures } = open({ settings: tight });
    wire.congested = true;
    void connection.send('a'.repeat(60));
    const waiting = [connection.send('b'), connection.send('c'.repeat(60)), connection.flush()];
    waiting.push(connection.send(chunks('never')));
    wire.peer.closed(new Error('reset'));
    for (const one of waiting) {
      const error = await standing(one);
      expect(error).toBeInstanceOf(ClosedError);
      expect(error).toMatchObject({ closure: closures[0], cause: { message: 'reset' } });
    }
  });

  it('tells a message that had its turn, but no room behind it', async () => {
    const { connection, wire } = open({ settings: tight });
    wire.congested = true;
    void connection.send('a'.repeat(60));
    const second = connection.send('b'.repeat(60));
    wire.takeAll();
    expect(wire.sent).toHaveLength(2);
    expect(await standing(second)).toBe('pending');
    wire.peer.closed();
    expect(await standing(second)).toBeInstanceOf(ClosedError);
  });
});

describe('a transport whose end comes within a write', () => {
  /** The next write but `before` is the last; its bytes are never taken. */
  function doomed(before = 0): Opened {
    const opened = open({ settings: tight });
    const { wire } = opened;
    const write = wire.write.bind(wire);
    let left = before;
    wire.congested = true;
    wire.write = (parts) => {
      const consumed = write(parts);
      if (left === 0) wire.peer.closed();
      left -= 1;
      return consumed;
    };
    return opened;
  }

  it('leaves no message waiting for room', async () => {
    const { connection } = doomed();
    expect(await standing(connection.send('x'.repeat(50)))).toBeInstanceOf(ClosedError);
  });

  it('refuses the message that made room necessary', async () => {
    const sending = doomed();
    sending.connection.write('123');
    expect(await standing(sending.connection.send('x'.repeat(99)))).toBeInstanceOf(ClosedError);
    const writing = doomed();
    writing.connection.write('123');
    expect(() => writing.connection.write('x'.repeat(99))).toThrow(ClosedError);
    for (const { wire } of [sending, writing]) expect(wire.writes).toHaveLength(1);
  });

  it('refuses a flush', async () => {
    const { connection } = doomed();
    connection.write('123');
    expect(await standing(connection.flush())).toBeInstanceOf(ClosedError);
  });

  it('drops what is begun within the last write', async () => {
    const { connection, protocol, wire } = open();
    const write = wire.write.bind(wire);
    wire.write = (parts) => {
      protocol.sender.ping(Uint8Array.of(1));
      return write(parts);
    };
    connection.write('last');
    wire.peer.closed();
    await turn();
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text]);
    expect(connection.bufferedAmount).toBe(0);
  });

  it('refuses those in line whose turn it had become', async () => {
    const opened = doomed(1);
    const { connection, wire } = opened;
    void connection.send('x'.repeat(95));
    const waiting = [60, 60, 60].map((size) => connection.send('x'.repeat(size)));
    wire.bufferedAmount = 0;
    wire.peer.drained();
    for (const promise of waiting) expect(await standing(promise)).toBeInstanceOf(ClosedError);
    expect(sentTexts(opened)).toHaveLength(2);
  });

  it('refuses those in line whose turn it was to become, when the end comes while room is made for them', async () => {
    const opened = doomed(1);
    const { connection, wire } = opened;
    void connection.send('x'.repeat(95));
    const waiting = [90, 5].map((size) => connection.send('y'.repeat(size)));
    void connection.ping('p'.repeat(20)).catch(() => {});
    wire.relieve();
    for (const promise of waiting) expect(await standing(promise)).toBeInstanceOf(ClosedError);
    expect(connection.bufferedAmount).toBe(0);
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, ping]);
  });
});

describe('write and flush', () => {
  it('collect until they are told to leave', async () => {
    const opened = open();
    const { connection, wire } = opened;
    expect(connection.write('one')).toBe(5);
    expect(connection.write(Buffer.alloc(200))).toBe(204);
    await turn();
    expect(wire.writes).toHaveLength(0);
    await connection.flush();
    expect(wire.writes).toHaveLength(1);
    expect(wire.sent).toHaveLength(2);
    await connection.flush();
    expect(wire.writes).toHaveLength(1);
  });

  it('leave by themselves once a buffer is full', () => {
    const { connection, wire } = open({ settings: { writeBufferSize: 100 } });
    for (let index = 0; index < 9; index += 1) connection.write('x'.repeat(9));
    expect(wire.writes).toHaveLength(0);
    connection.write('x');
    expect(wire.writes).toHaveLength(1);
  });

  it('leave with a ping, and with a Close', async () => {
    const opened = open();
    opened.connection.write('one');
    void opened.connection.ping('p');
    await turn();
    opened.connection.write('two');
    void opened.connection.close();
    expect(opened.wire.sent.map((sent) => sent.opcode)).toEqual([text, ping, text, close]);
  });

  it('wait behind a streamed message', async () => {
    const opened = open();
    const { iterable, push, end } = feed<string>();
    const stream = opened.connection.send(iterable);
    push('a');
    await turn();
    expect(opened.connection.write('größer')).toBe(8);
    const flushed = opened.connection.flush();
    expect(await standing(flushed)).toBe('pending');
    end();
    await Promise.all([stream, flushed]);
    await turn();
    expect(sentTexts(opened)).toEqual(['a', '', 'größer']);
  });

  it('are refused at the end', async () => {
    const { connection, wire } = open();
    wire.peer.ended();
    expect(() => connection.write('x')).toThrow(ClosedError);
    expect(await standing(connection.flush())).toBeInstanceOf(ClosedError);
    expect(await standing(connection.send('x'))).toBeInstanceOf(ClosedError);
    expect(await standing(connection.send(chunks('x')))).toBeInstanceOf(ClosedError);
  });
});

describe('streams', () => {
  it('are one message in fragments', async () => {
    const opened = open();
    await opened.connection.send(chunks('one', 'two', 'three'));
    await turn();
    expect(opened.wire.sent.map((sent) => [sent.opcode, sent.fin])).toEqual([
      [text, false],
      [continuation, false],
      [continuation, false],
      [continuation, true],
    ]);
    expect(sentTexts(opened).join('')).toBe('onetwothree');
    await opened.connection.send(chunks(Buffer.from('a'), new Uint8Array(20_000)));
    await turn();
    expect(opened.wire.sent.slice(4).map((sent) => [sent.opcode, sent.fin, sent.payload.length])).toEqual([
      [binary, false, 1],
      [continuation, false, 20_000],
      [continuation, true, 0],
    ]);
  });

  it('are an empty text message when they are empty', async () => {
    const opened = open();
    await opened.connection.send(chunks<string>());
    await turn();
    expect(opened.wire.sent).toMatchObject([{ opcode: text, fin: true }]);
    expect(sentTexts(opened)).toEqual(['']);
  });

  it('keep characters whole wherever the text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '𝄞'), maxLength: 30 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        async (whole, cuts) => {
          const places = [...cuts.map((at) => Math.min(at, whole.length)), whole.length].sort(
            (a, b) => a - b,
          );
          const opened = open();
          await opened.connection.send(
            chunks(...places.map((at, index) => whole.slice(places[index - 1] ?? 0, at))),
          );
          await turn();
          const payload = Buffer.concat(opened.wire.sent.map((sent) => sent.payload));
          expect(payload.toString()).toBe(whole);
          expect(payload.length).toBe(Buffer.byteLength(whole));
        },
      ),
      { seed: 20261125, numRuns: 100 },
    );
  });

  it('write a surrogate that stays alone as U+FFFD', async () => {
    const opened = open();
    await opened.connection.send(chunks('a\ud83d', 'b\ud83d'));
    await turn();
    expect(Buffer.concat(opened.wire.sent.map((sent) => sent.payload)).toString()).toBe('a\ufffdb\ufffd');
  });

  it('have others wait, while pings and pongs go around', async () => {
    const opened = open();
    const { connection, wire } = opened;
    const { iterable, push, end } = feed<string>();
    const stream = connection.send(iterable);
    const second = connection.send(chunks('second'));
    const third = connection.send('third');
    const trip = connection.ping('p');
    push('first');
    await turn();
    wire.feed(frame(ping, 'q'), frame(pong, 'p'));
    expect(await trip).toBe(0);
    await turn();
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([ping, text, pong]);
    expect(await standing(third)).toBe('pending');
    end();
    await Promise.all([stream, second, third]);
    await turn();
    expect(sentTexts(opened).slice(3)).toEqual(['', 'second', '', 'third']);
  });

  it('are written as fast as the peer reads', async () => {
    const opened = open({ settings: tight });
    const { connection, wire } = opened;
    wire.congested = true;
    let produced = 0;
    const endless = (async function* () {
      for (; produced < 100; produced += 1) yield 'x'.repeat(50);
    })();
    const stream = connection.send(endless);
    await turn();
    await turn();
    expect(produced).toBeLessThanOrEqual(1);
    wire.relieve();
    await stream;
    expect(produced).toBe(100);
  });

  it.each<[string, readonly unknown[]]>([
    ['mixed types', ['a', Buffer.from('b')]],
    ['mixed types, bytes first', [Buffer.from('b'), 'a']],
    ['something else', ['a', 5]],
  ])('fail the connection with 1011 for %s', async (_name, values) => {
    const { connection, wire, closures } = open();
    const error = await standing(connection.send(chunks(...values) as AsyncIterable<string>));
    expect(error).toBeInstanceOf(TypeError);
    expect(connection.state).toBe('draining');
    expect(wire.sent.at(-1)?.payload.readUInt16BE()).toBe(1011);
    wire.peer.closed();
    expect(closures).toMatchObject([{ code: 1011, by: 'us', clean: false, cause: error }]);
  });

  it('fail the connection with 1011 when they throw in the middle', async () => {
    for (const thrown of [new Error('no more'), 'a string']) {
      const { connection, wire, protocol } = open();
      const { iterable, push, fail } = feed<string>();
      const stream = connection.send(iterable);
      const behind = connection.send('behind');
      push('begun');
      fail(thrown);
      expect(await standing(stream)).toMatchObject({
        message: thrown instanceof Error ? 'no more' : 'a string',
      });
      expect(await standing(behind)).toBeInstanceOf(ClosedError);
      expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, close]);
      expect(protocol.closureSoFar().cause?.message).toBe(thrown instanceof Error ? 'no more' : 'a string');
    }
  });

  it('only reject when they fail before anything was sent', async () => {
    const opened = open();
    const { iterable, fail } = feed<string>();
    const stream = opened.connection.send(iterable);
    const behind = opened.connection.send('behind');
    fail(new Error('nothing'));
    expect(await standing(stream)).toMatchObject({ message: 'nothing' });
    await behind;
    expect(opened.connection.state).toBe('open');
    await turn();
    expect(sentTexts(opened)).toEqual(['behind']);
    expect(await standing(opened.connection.send(chunks(JSON.parse('5'))))).toBeInstanceOf(TypeError);
    expect(opened.connection.state).toBe('open');
  });

  it('are told at once when the connection ends, and are left at their next chunk', async () => {
    const { connection, wire } = open();
    const { iterable, push, returned } = feed<string>();
    const stream = connection.send(iterable);
    push('a');
    await turn();
    wire.peer.closed();
    expect(await standing(stream)).toBeInstanceOf(ClosedError);
    push('b');
    await turn();
    expect(returned.count).toBe(1);
  });

  it('may come to their own end after the connection', async () => {
    const { connection, wire } = open();
    const { iterable, push, end } = feed<string>();
    const stream = connection.send(iterable);
    push('a');
    await turn();
    connection.terminate();
    end();
    expect(await standing(stream)).toBeInstanceOf(ClosedError);
    expect(wire.sent).toHaveLength(1);
  });

  it('wait for the end of the connection no longer than for the drain', async () => {
    const { connection, wire } = open({ settings: tight });
    wire.congested = true;
    const stream = connection.send(chunks('x'.repeat(50), 'y'));
    await turn();
    wire.peer.closed();
    expect(await standing(stream)).toBeInstanceOf(ClosedError);
  });

  it('come before a Close that was asked for later', async () => {
    const opened = open();
    const { iterable, push, end } = feed<string>();
    const stream = opened.connection.send(iterable);
    const behind = opened.connection.send('behind');
    void opened.connection.close(1000);
    push('a');
    end();
    await Promise.all([stream, behind]);
    await turn();
    expect(opened.wire.sent.map((sent) => sent.opcode)).toEqual([text, continuation, text, close]);
  });

  it('are cut off by the peer’s Close, which is answered', async () => {
    const { connection, wire } = open();
    const { iterable, push } = feed<string>();
    const stream = connection.send(iterable);
    push('a');
    await turn();
    wire.feed(frame(close, closing(1001)));
    expect(await standing(stream)).toBeInstanceOf(ClosedError);
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, close]);
  });

  it('have our Close out before the answer is acted on', async () => {
    const { connection, wire, closures } = open();
    const { iterable } = feed<string>();
    void connection.send(iterable);
    void connection.close(4_001, 'ours');
    expect(wire.sent).toHaveLength(0);
    wire.feed(frame(close, closing(1001)));
    expect(wire.sent.map((sent) => [sent.opcode, sent.payload.readUInt16BE()])).toEqual([[close, 4_001]]);
    wire.peer.closed();
    expect(closures).toMatchObject([{ code: 4_001, reason: 'ours', clean: true, by: 'us' }]);
  });
});

describe('pongs', () => {
  it('T-PONG-1: while the peer is slow, only the newest waits', async () => {
    const { connection, wire } = open({ settings: tight });
    wire.congested = true;
    void connection.send('x'.repeat(50));
    await turn();
    const before = connection.bufferedAmount;
    wire.feed(Buffer.concat(Array.from({ length: 1_000 }, (_, index) => frame(ping, `${index}`))));
    await turn();
    expect(connection.bufferedAmount).toBe(before);
    wire.relieve();
    await turn();
    expect(wire.sent.slice(1).map((sent) => [sent.opcode, sent.payload.toString()])).toEqual([[pong, '999']]);
  });

  it('T-PONG-1: the one that waits keeps its bytes', async () => {
    const { connection, wire } = open({ settings: tight });
    wire.congested = true;
    void connection.send('x'.repeat(50));
    const bytes = frame(ping, 'mine');
    // In pieces, so that the payload lies in the decoder's scratch memory.
    wire.feed(bytes.subarray(0, 8), bytes.subarray(8));
    const cut = frame(pong, 'YOURS');
    wire.feed(cut.subarray(0, 8), cut.subarray(8));
    wire.relieve();
    await turn();
    expect(wire.sent.at(-1)?.payload.toString()).toBe('mine');
  });

  it('T-PONG-1: a flood in one chunk is answered within a buffer’s size', async () => {
    const { wire } = open({ settings: { writeBufferSize: 1_000 } });
    wire.feed(Buffer.concat(Array.from({ length: 10_000 }, () => frame(ping, 'x'.repeat(100)))));
    await turn();
    await turn();
    expect(Buffer.concat(wire.writes).length).toBeLessThan(2_000);
  });

  it('go on waiting for a peer that has taken too little', async () => {
    const { connection, wire } = open({ settings: tight });
    wire.congested = true;
    void connection.send('x'.repeat(50));
    wire.feed(frame(ping, 'waits'));
    wire.bufferedAmount = 11;
    wire.peer.drained();
    await turn();
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text]);
    wire.bufferedAmount = 10;
    wire.peer.drained();
    await turn();
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, pong]);
  });

  it('are not sent any more once we are closing', async () => {
    const { connection, wire } = open({ settings: tight });
    wire.congested = true;
    void connection.send('x'.repeat(50));
    wire.feed(frame(ping, 'waits'));
    void connection.close();
    wire.feed(frame(ping, 'late'));
    wire.relieve();
    await turn();
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, close]);
  });
});

describe('an extension', () => {
  it('transforms what it wants, never a prepared message', async () => {
    const session = new LateSession();
    session.prompt = true;
    const opened = open({ session });
    void opened.connection.send('größe');
    void opened.connection.send(Buffer.from([1]), { compress: true });
    void opened.connection.send('plain', { compress: false });
    void opened.connection.send(prepare('prepared'));
    await turn();
    expect(opened.wire.sent.map((sent) => [sent.rsv, sent.payload.toString('hex')])).toEqual([
      [0x40, turnedAround('größe').toString('hex')],
      [0x40, 'fe'],
      [0, Buffer.from('plain').toString('hex')],
      [0, Buffer.from('prepared').toString('hex')],
    ]);
  });

  it('may have a short way, whose memory the next message uses again', async () => {
    for (const role of [server, client]) {
      const session = new ShortWaySession();
      session.prompt = true;
      const { connection, wire } = open({ session, role });
      const long = Buffer.alloc(65_537, 'x');
      for (const message of ['größe', Buffer.from([1, 2]), long, 'x']) void connection.send(message);
      expect(await standing(connection.flush())).toBe('resolved');
      expect(wire.sent.map((sent) => [sent.rsv, turnedAround(sent.payload)])).toEqual([
        [0x40, Buffer.from('größe')],
        [0x40, Buffer.from([1, 2])],
        [0x40, long],
        [0x40, Buffer.from('x')],
      ]);
    }
  });

  it('may answer late: order is kept, control frames go around, Close waits', async () => {
    const session = new LateSession();
    const opened = open({ session });
    const { connection, wire } = opened;
    const sends = [
      connection.send('one'),
      connection.send('two', { compress: false }),
      connection.send('three'),
    ];
    void connection.ping('p');
    const closed = connection.close();
    await turn();
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([ping]);
    expect(session.outbounds).toHaveLength(1);
    expect(await standing(Promise.all(sends))).toBe('pending');
    session.answerOutbound();
    await turn();
    expect(session.outbounds).toHaveLength(1);
    session.answerOutbound();
    await Promise.all(sends);
    expect(wire.sent.map((sent) => [sent.opcode, sent.rsv])).toEqual([
      [ping, 0],
      [text, 0x40],
      [text, 0],
      [text, 0x40],
      [close, 0],
    ]);
    expect(await standing(closed)).toBe('pending');
  });

  it('leaves nobody waiting when the connection ends first', async () => {
    const session = new LateSession();
    const { connection, wire } = open({ session });
    const first = connection.send('first');
    const second = connection.send('second');
    session.answerOutbound();
    await first;
    // Now the second one is in the works, taken from the queue.
    const late = session.outbounds[0];
    expect(late).toBeDefined();
    const third = connection.send('third');
    wire.peer.closed();
    expect(await standing(second)).toBeInstanceOf(ClosedError);
    expect(await standing(third)).toBeInstanceOf(ClosedError);
    const before = wire.writes.length;
    late?.done(Buffer.from('late'));
    await turn();
    expect(wire.writes).toHaveLength(before);
    expect(session.disposals).toBe(1);
  });
});

describe('a write that an error cuts off', () => {
  it('is the last one: nothing follows, and the transport is dropped a turn later', async () => {
    const { connection, wire } = open();
    let cuts = 0;
    const cutOff = (): never => {
      cuts += 1;
      throw new RangeError('the stack is full');
    };
    Object.defineProperty(wire, 'write', { value: cutOff, configurable: true });
    void connection.send('lost');
    connection.flush().catch(() => {});
    Reflect.deleteProperty(wire, 'write');
    expect([cuts, wire.destroyed]).toEqual([1, false]);
    void connection.send('behind it');
    await turn();
    await turn();
    expect([wire.destroyed, wire.writes]).toEqual([true, []]);
    wire.peer.closed();
    expect(await connection.closed).toMatchObject({ code: 1006, clean: false });
  });
});
