/** Messages of a burst: what each one is, what it keeps alive, and that a connection cannot be told from one without. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BurstTaker, handOnBurst } from '../../src/connection/burst.ts';
import type { Message } from '../../src/connection/types.ts';
import { createRegion, Region, regionSize } from '../../src/frame/region.ts';
import { runtime } from '../../src/framework/runtime.ts';
import { serverRules } from '../frame/recorder.ts';
import { closing, frame, opcode, open, taken, turn } from './wire.ts';

const region = createRegion((buffer) => Buffer.from(buffer));

/** What comes of the frames as one burst; `most` messages are taken. */
function handed(frames: readonly Uint8Array[], most = Infinity): { messages: Message[]; took: number } {
  const bytes = Buffer.concat(frames);
  region.bytes.set(bytes);
  const count = region.scan(0, bytes.length, serverRules);
  expect(count).toBe(frames.length);
  const messages: Message[] = [];
  const taker: BurstTaker = {
    get stopped() {
      return messages.length >= most;
    },
    text: (text) => messages.push(text),
    binary: (given) => messages.push(given),
    transformed: () => expect.unreachable(),
    invalidText: () => messages.push('invalid'),
  };
  const took = handOnBurst(taker, runtime, region, count);
  // What was lent is somebody else's from now on.
  region.bytes.fill(0x55);
  return { messages, took };
}

const frameOf = (message: Message): Buffer =>
  frame(typeof message === 'string' ? opcode.text : opcode.binary, message);

describe('handOnBurst', () => {
  it('hands on texts and bytes of any size, in order and whole, whatever lies between them', () => {
    const message = fc.oneof(
      { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
      { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
      { weight: 4, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
      { weight: 1, arbitrary: fc.integer({ min: 200, max: 3_000 }).map((size) => 'x'.repeat(size)) },
      { weight: 1, arbitrary: fc.integer({ min: 200, max: 5_000 }).map((size) => Buffer.alloc(size, size)) },
    );
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), (messages) => {
        const wellFormed = messages.map((each) =>
          typeof each === 'string' ? Buffer.from(each).toString() : each,
        );
        expect(handed(messages.map(frameOf))).toEqual({ messages: wellFormed, took: messages.length });
      }),
      { seed: 20261125, numRuns: 1_000 },
    );
  });

  it('hands bytes on as Buffers that share no byte', () => {
    const { messages } = handed(Array.from({ length: 30 }, (_, index) => frameOf(Buffer.alloc(125, index))));
    const views = messages.map((message) => {
      if (!Buffer.isBuffer(message)) return expect.unreachable();
      return message;
    });
    for (const view of views) view.fill(0xff);
    expect(views.every((view) => view.equals(Buffer.alloc(125, 0xff)))).toBe(true);
    views[7]?.fill(0);
    expect(views.filter((view) => view.equals(Buffer.alloc(125, 0xff)))).toHaveLength(29);
  });

  it('lets a short message keep at most a pool of 16 KiB alive, a long one itself', () => {
    const sizes = [125, 2_000, 2_048, 2_049, 5_000, 125];
    const { messages } = handed(sizes.map((size) => frameOf(Buffer.alloc(size, 1))));
    const kept = messages.map((message) => (typeof message === 'string' ? 0 : message.buffer.byteLength));
    expect(kept[3]).toBe(2_049);
    expect(kept[4]).toBe(5_000);
    for (const index of [0, 1, 2, 5]) expect(kept[index]).toBeLessThanOrEqual(16_384);
  });

  it('tells of text that is not UTF-8', () => {
    const invalid = frame(opcode.text, Buffer.from([0x61, 0xc3, 0x28]));
    expect(handed([frameOf('a'), invalid, frameOf('b')]).messages).toEqual(['a', 'invalid', 'b']);
  });

  it('stops behind the message with which its taker stops', () => {
    const frames = ['a', 'b', 'c', 'd'].map(frameOf);
    for (const most of [1, 2, 3, 4]) expect(handed(frames, most).took).toBe(most);
    expect(handed(frames, 2).messages).toEqual(['a', 'b']);
  });
});

describe('a connection that is lent its chunks', () => {
  /** All that a connection shows of bytes that come in these chunks, to a handler that takes `atOnce` in a turn. */
  async function shown(bytes: Uint8Array, cuts: readonly number[], atOnce: number, lent?: Region) {
    const { connection, wire } = open({ settings: { maxMessageSize: 3_000 } });
    const messages: (Message | null)[] = [];
    let from = 0;
    for (const edge of [...cuts, bytes.length]) {
      const chunk = bytes.subarray(from, edge);
      if (lent === undefined) {
        wire.feed(chunk);
      } else {
        lent.bytes.set(chunk);
        wire.peer.lent(lent, chunk.length);
        lent.bytes.fill(0x55);
      }
      from = edge;
      for (let left = atOnce; left > 0; left -= 1) {
        const message = connection.tryRecv();
        if (message === undefined || message === null) break;
        messages.push(message);
      }
      await turn();
    }
    await turn();
    wire.peer.ended();
    messages.push(...taken(connection));
    wire.peer.closed();
    const { code, reason, clean, by } = await connection.closed;
    const sent = wire.sent.map(({ opcode: code, payload }) => `${code} ${payload.toString('hex')}`);
    return { messages, sent, closure: { code, reason, clean, by } };
  }

  it('shows the same messages, answers and closure with bursts and without', async () => {
    const piece = fc.oneof(
      {
        weight: 12,
        arbitrary: fc
          .tuple(fc.nat(90), fc.nat(200), fc.boolean())
          .map(([count, size, isText]) =>
            Buffer.concat(
              Array.from({ length: count }, (_, index) =>
                isText
                  ? frame(opcode.text, `${index} `.padEnd(size, '.'))
                  : frame(opcode.binary, Buffer.alloc(size, index)),
              ),
            ),
          ),
      },
      { weight: 2, arbitrary: fc.string({ unit: 'binary' }).map((text) => frame(opcode.text, text)) },
      { weight: 2, arbitrary: fc.string().map((text) => frame(opcode.ping, text.slice(0, 20))) },
      {
        weight: 2,
        arbitrary: fc
          .string()
          .map((text) =>
            Buffer.concat([
              frame(opcode.text, text, { fin: false }),
              frame(opcode.ping),
              frame(opcode.continuation, text),
            ]),
          ),
      },
      { weight: 1, arbitrary: fc.constant(frame(opcode.binary, Buffer.alloc(4_000))) },
      { weight: 1, arbitrary: fc.constant(frame(opcode.text, Buffer.from([0xff]))) },
      { weight: 1, arbitrary: fc.constant(frame(opcode.close, closing(4_000, 'bye'))) },
    );
    const plain = new Region(Buffer.alloc(regionSize));
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => Buffer.concat(pieces)),
        fc.array(fc.nat(20_000), { maxLength: 3 }),
        fc.nat(400),
        async (bytes, wishes, atOnce) => {
          const edges = [...wishes, ...[1, 2, 3].map((times) => times * 60_000)];
          const cuts = edges.filter((edge) => edge < bytes.length).sort((a, b) => a - b);
          const expected = await shown(bytes, cuts, atOnce, plain);
          expect(await shown(bytes, cuts, atOnce, region)).toEqual(expected);
          expect(await shown(bytes, cuts, atOnce)).toEqual(expected);
        },
      ),
      { seed: 20261125, numRuns: 200 },
    );
  });
});
