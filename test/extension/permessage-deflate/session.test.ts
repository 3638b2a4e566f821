/**
 * One session against data made by hand and by node:zlib, once with live contexts and once with the public API alone.
 * Examples of RFC 7692 §7.2.3 are given in its own bytes.
 */
import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directAccess } from '../../../src/extension/permessage-deflate/direct.ts';
import type { Direction } from '../../../src/extension/permessage-deflate/negotiation.ts';
import { readOptions } from '../../../src/extension/permessage-deflate/options.ts';
import { Shared } from '../../../src/extension/permessage-deflate/shared.ts';
import {
  accesses,
  inbound,
  noise,
  noTakeover,
  openExtension,
  openSession,
  outbound,
  ReferenceDeflater,
  ReferenceInflater,
  records,
  takeover,
} from './reference.ts';
import { openZlibHandles } from './zlib-handles.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const hello = Buffer.from('Hello');

describe.each(accesses)('DeflateSession, %s access to zlib', (access) => {
  const open = (peer: Direction = takeover(15), own: Direction = takeover(12)) =>
    openSession(openExtension(access).shared, own, peer);

  describe('inbound', () => {
    it('§7.2.3.1: one block', async () => {
      const session = open();
      expect(await inbound(session, bytes('f2 48 cd c9 c9 07 00'))).toEqual(hello);
      session.dispose();
    });

    it('§7.2.3.2: the window is shared by messages', async () => {
      const session = open();
      expect(await inbound(session, bytes('f2 48 cd c9 c9 07 00'))).toEqual(hello);
      expect(await inbound(session, bytes('f2 00 11 00 00'))).toEqual(hello);
      expect(await inbound(session, bytes('f2 00 11 00 00'))).toEqual(hello);
      session.dispose();
    });

    it('§7.1.1: without context takeover, nothing of the message before can be referred to', async () => {
      const session = open(noTakeover(15));
      expect(await inbound(session, bytes('f2 48 cd c9 c9 07 00'))).toEqual(hello);
      expect(await inbound(session, bytes('f2 48 cd c9 c9 07 00'))).toEqual(hello);
      expect(await inbound(session, bytes('f2 00 11 00 00'))).toBe('extensionData');
      session.dispose();
    });

    it('§7.2.3.3: a block without compression', async () => {
      const session = open();
      expect(await inbound(session, bytes('00 05 00 fa ff 48 65 6c 6c 6f 00'))).toEqual(hello);
      session.dispose();
    });

    it('§7.2.3.4: a block with BFINAL set, in one message and the next', async () => {
      const session = open();
      for (let round = 0; round < 3; round += 1) {
        expect(await inbound(session, bytes('f3 48 cd c9 c9 07 00 00'))).toEqual(hello);
        expect(await inbound(session, bytes('f2 00 11 00 00'))).toEqual(hello);
      }
      session.dispose();
    });

    it('is done with a short message before it returns, after a final block as well', () => {
      const session = open();
      const results: string[] = [];
      for (const hex of [
        'f3 48 cd c9 c9 07 00 00',
        'f2 00 11 00 00',
        'f3 48 cd c9 c9 07 00',
        'f2 00 11 00 00',
      ]) {
        session.inbound(bytes(hex), 100, (_violation, message) =>
          results.push(Buffer.from(message).toString()),
        );
      }
      expect(results).toEqual(['Hello', 'Hello', 'Hello', 'Hello']);
      session.dispose();
    });

    it('lets short messages refer to long ones that were done on the thread pool', async () => {
      const session = open();
      const writer = new ReferenceDeflater(takeover(15));
      const long = noise(100_000);
      for (const message of [hello, long, long.subarray(-2000), hello, long.subarray(-9000, -7000)]) {
        const received = await inbound(session, writer.deflate(message));
        expect(Buffer.isBuffer(received) && received.equals(message)).toBe(true);
      }
      session.dispose();
    });

    it('takes a final block that nothing follows, and the next message', async () => {
      const session = open();
      expect(await inbound(session, bytes('f3 48 cd c9 c9 07 00'))).toEqual(hello);
      expect(await inbound(session, bytes('f2 00 11 00 00'))).toEqual(hello);
      session.dispose();
    });

    it('§7.2.3.5: two blocks in one message', async () => {
      const session = open();
      expect(await inbound(session, bytes('f2 48 05 00 00 00 ff ff ca c9 c9 07 00'))).toEqual(hello);
      session.dispose();
    });

    it('§7.2.3.6: an empty message is one 0x00; no byte at all is taken for one too', async () => {
      const session = open();
      expect(await inbound(session, bytes('00'))).toEqual(Buffer.alloc(0));
      expect(await inbound(session, bytes(''))).toEqual(Buffer.alloc(0));
      expect(await inbound(session, bytes('f2 48 cd c9 c9 07 00'))).toEqual(hello);
      expect(await inbound(session, bytes('02 00'))).toEqual(Buffer.alloc(0));
      expect(await inbound(session, bytes('f2 00 11 00 00'))).toEqual(hello);
      session.dispose();
    });

    it('§7.2.2: a final empty block that the removed tail completes ends a message', async () => {
      const session = open();
      for (let round = 0; round < 3; round += 1) {
        // What zlib writes at level 0 for a flush and then the end of its stream.
        expect(await inbound(session, bytes('00 05 00 fa ff 48 65 6c 6c 6f 01'))).toEqual(hello);
        expect(await inbound(session, bytes('01'))).toEqual(Buffer.alloc(0));
        expect(await inbound(session, bytes('f2 00 11 00 00'))).toEqual(hello);
      }
      session.dispose();
    });

    it.each([
      ['a block after the final block', 'f348cdc9c90700f248cdc9c90700'],
      ['a second final block', 'f348cdc9c90700f348cdc9c9070000'],
      ['two empty blocks after the final block', 'f348cdc9c9070000000000ffff00'],
      ['an empty final block after the final block', 'f348cdc9c90700030000'],
      ['many empty final blocks', '0300'.repeat(1000)],
      ['a final stored block that lacks four bytes', '01 09 00 f6 ff 48 65 6c 6c 6f'],
      ['bytes after the final block', `f348cdc9c90700${'deadbeef'}`],
      ['text after the final block', `f348cdc9c90700${Buffer.from('junk').toString('hex')}`],
      ['zeros after the final block', 'f348cdc9c907000000'],
      ['more than an empty block after the final block', 'f348cdc9c9070000ff'],
      ['a block of the reserved type', '07'],
      ['a reference to before the start', 'f2 00 11 00 00'],
      ['a stored block whose lengths disagree', '00 05 00 00 00 48 65 6c 6c 6f 00'],
      ['a message cut off in a block', 'f2 48 cd'],
      ['a message that lacks its last byte', 'f2 48 cd c9 c9 07'],
      ['a stored block that lacks bytes', '00 05 00 fa ff 48 65'],
      ['a stored block and no empty one', '00 05 00 fa ff 48 65 6c 6c 6f'],
      ['a final block cut off', 'f3 48 cd'],
      ['the tail that should have been removed, and one byte', 'f2 48 cd c9 c9 07 00 00 00 ff ff 03'],
      ['a header of a dynamic block, no more', '0c c0'],
      ['text', Buffer.from('this is not compressed').toString('hex')],
    ])('%s is extensionData', async (_what, hex) => {
      const before = openZlibHandles();
      const session = open();
      expect(await inbound(session, bytes(hex))).toBe('extensionData');
      session.dispose();
      expect(openZlibHandles()).toBe(before);
    });

    it('every true prefix of a message is extensionData', async () => {
      const session = open(noTakeover(15));
      for (const level of [0, 1, 9]) {
        const payload = deflateRawSync(records(120), { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(
          0,
          -4,
        );
        expect(await inbound(session, payload)).toEqual(records(120));
        // The first byte of a stored block is, by itself, an empty message.
        for (let length = level === 0 ? 2 : 1; length < payload.length; length += 1) {
          expect([length, await inbound(session, payload.subarray(0, length))]).toEqual([
            length,
            'extensionData',
          ]);
        }
      }
      session.dispose();
    });

    it('tells a message that ends like the tail from one that took the tail for its end', async () => {
      const session = open();
      for (const length of [100, 60_000, 100_000, 300_000]) {
        const message = Buffer.concat([noise(length), bytes('00 00 ff ff')]);
        // Stored blocks: cut by four bytes, the last one is completed by the tail.
        const stored: Buffer[] = [];
        for (let at = 0; at < message.length; at += 60_000) {
          const block = message.subarray(at, at + 60_000);
          const header = Buffer.alloc(5);
          header.writeUInt16LE(block.length, 1);
          header.writeUInt16LE(block.length ^ 0xffff, 3);
          stored.push(header, block);
        }
        const whole = Buffer.concat([...stored, bytes('00')]);
        const result = await inbound(session, whole, message.length);
        expect(Buffer.isBuffer(result) && result.equals(message)).toBe(true);
        expect(await inbound(session, Buffer.concat(stored).subarray(0, -4))).toBe('extensionData');
      }
      session.dispose();
    });

    it('finds a long message cut short, wherever', async () => {
      const session = open(noTakeover(15));
      const payload = new ReferenceDeflater(noTakeover(15)).deflate(noise(100_000));
      for (const cut of [1, 2, 3, 4, 5, 6, 100, 30_000]) {
        expect(await inbound(session, payload.subarray(0, -cut))).toBe('extensionData');
      }
      expect(await inbound(session, Buffer.concat([payload, bytes('00 00 ff ff 03')]))).toBe('extensionData');
      session.dispose();
    });

    it('takes any bytes without throwing, and works on', async () => {
      const session = open(noTakeover(15));
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.nat(200), async (payload, limit) => {
          const result = await inbound(session, payload, limit);
          expect(typeof result === 'string' || result.length <= limit).toBe(true);
          expect(await inbound(session, bytes('f2 48 cd c9 c9 07 00'))).toEqual(hello);
        }),
        { seed: 20261125, numRuns: 300 },
      );
      session.dispose();
    });

    it('takes a damaged message without throwing', async () => {
      const payload = new ReferenceDeflater(noTakeover(15)).deflate(records(500));
      const session = open(noTakeover(15));
      await fc.assert(
        fc.asyncProperty(fc.nat(payload.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
          const damaged = Buffer.from(payload);
          damaged[at] = (damaged[at] ?? 0) ^ mask;
          const result = await inbound(session, damaged, 1000);
          expect(typeof result === 'string' || result.length <= 1000).toBe(true);
        }),
        { seed: 20261125, numRuns: 300 },
      );
      session.dispose();
    });
  });

  describe('limits', () => {
    it('takes a message of exactly the limit, and not one byte more', async () => {
      const session = open(noTakeover(15));
      for (const length of [1, 100, 65_535, 65_536, 65_537, 131_072, 262_144, 524_288, 524_289, 600_000]) {
        const payload = new ReferenceDeflater(noTakeover(15)).deflate(Buffer.alloc(length, 7));
        const message = await inbound(session, payload, length);
        expect(Buffer.isBuffer(message) && message.equals(Buffer.alloc(length, 7))).toBe(true);
        expect(await inbound(session, payload, length - 1)).toBe('messageTooBig');
      }
      expect(await inbound(session, bytes('00'), 0)).toEqual(Buffer.alloc(0));
      session.dispose();
    });

    it('takes a limit without bound', async () => {
      const session = open();
      const payload = new ReferenceDeflater(takeover(15)).deflate(Buffer.alloc(900_000));
      expect(await inbound(session, payload, Number.POSITIVE_INFINITY)).toHaveLength(900_000);
      session.dispose();
    });

    it('stops a bomb at the limit, with little more memory than that', async () => {
      const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
      expect(bomb.length).toBeLessThan(66_000);
      const handles = openZlibHandles();
      const session = open();
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }, 0);
      expect(await inbound(session, bomb, 1024 * 1024)).toBe('messageTooBig');
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      clearInterval(watch);
      // The limit, what the attempt on the event loop made before (half of that), and copies of the payload.
      expect(most).toBeLessThan(2 * 1024 * 1024);
      session.dispose();
      expect(openZlibHandles()).toBe(handles);
    });

    it('takes a deflated bomb as the message that it is, and stops what is over the limit by one', async () => {
      const inner = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
      const payload = deflateRawSync(inner, { level: 9 });
      const session = open();
      const message = await inbound(session, payload, inner.length);
      expect(Buffer.isBuffer(message) && message.equals(inner)).toBe(true);
      expect(await inbound(session, payload, inner.length - 1)).toBe('messageTooBig');
      session.dispose();
    });
  });

  describe('outbound', () => {
    it('§7.2.1: ends with the empty block whose tail is removed', async () => {
      const session = open();
      expect((await outbound(session, hello)).toString('hex')).toBe('f248cdc9c90700');
      const again = await outbound(session, hello);
      const reference = new ReferenceInflater(takeover(12));
      expect(reference.inflate(bytes('f2 48 cd c9 c9 07 00'))).toEqual(hello);
      expect(reference.inflate(again)).toEqual(hello);
      session.dispose();
    });

    it('§7.2.3.6: an empty message is one 0x00, each time a new one', async () => {
      const session = open();
      await outbound(session, hello);
      const results: Uint8Array[] = [];
      for (let round = 0; round < 3; round += 1) {
        session.outbound(new Uint8Array(0), (payload) => results.push(payload));
      }
      expect(results.map((payload) => [...payload])).toEqual([[0], [0], [0]]);
      expect(new Set(results).size).toBe(3);
      session.dispose();
    });

    it('§7.1.1: without context takeover, every message stands alone', async () => {
      const session = open(takeover(15), noTakeover(12));
      const first = await outbound(session, records(500));
      expect(await outbound(session, records(500))).toEqual(first);
      session.dispose();
    });

    it.each([
      [3, takeover(12)],
      [6, takeover(12)],
      [6, noTakeover(12)],
    ])('does not refer to what an error cut off on its way, level %i, %j', async (level, own) => {
      const { shared } = openExtension(access, { level });
      const session = openSession(shared, own, takeover(12));
      const reader = new ReferenceInflater(own);
      const before = records(5000, 1);
      const lost = records(5000, 2);
      expect(reader.inflate(await outbound(session, before))).toEqual(before);
      const cutOff = (): never => {
        throw new RangeError('cut off');
      };
      for (const message of [lost, records(200, 3), lost]) {
        expect(() => session.outbound(lost, cutOff)).toThrow('cut off');
        const short = session.outboundNow(message);
        if (short === undefined) {
          expect(reader.inflate(await outbound(session, message)).equals(message)).toBe(true);
        } else {
          short.taken = true;
          const payload = short.bytes.subarray(short.start, short.end);
          expect(reader.inflate(payload).equals(message)).toBe(true);
        }
      }
      session.dispose();
    });

    it.each([8, 9, 10, 15])('§7.1.2: keeps to a window of %i bits', async (bits) => {
      // A reader that keeps no more than the window, and writes 64 bytes at a time.
      const session = open(takeover(15), takeover(bits));
      const reader = openSession(openExtension('direct').shared, takeover(12), takeover(bits));
      const once = noise(2 ** bits + 80);
      for (let round = 0; round < 3; round += 1) {
        const payload = await outbound(session, once);
        // Nothing within reach repeats.
        expect(payload.length).toBeGreaterThan(once.length);
        const message = await inbound(reader, payload);
        expect(Buffer.isBuffer(message) && message.equals(once)).toBe(true);
      }
      session.dispose();
      reader.dispose();
    });

    it('takes a view whose length somebody has tampered with', async () => {
      const session = open();
      for (const length of [10, 100_000]) {
        const view = new Uint8Array(length).fill(65);
        for (const property of ['length', 'byteLength', 'byteOffset']) {
          Object.defineProperty(view, property, { value: 1 << 30 });
        }
        const payload = await outbound(session, view);
        const message = new ReferenceInflater(noTakeover(15)).inflate(payload);
        expect(message.equals(Buffer.alloc(length, 65))).toBe(true);
      }
      session.dispose();
    });
  });

  describe('sequences of messages', () => {
    const direction = fc.record({
      windowBits: fc.integer({ min: 8, max: 15 }),
      contextTakeover: fc.boolean(),
    });
    const length = fc.oneof(
      { weight: 6, arbitrary: fc.nat(300) },
      { weight: 3, arbitrary: fc.nat(5000) },
      { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 70_000 }) },
      { weight: 1, arbitrary: fc.constantFrom(65_535, 65_536, 65_537, 300_000) },
    );
    const message = fc
      .tuple(length, fc.boolean(), fc.integer({ min: 1, max: 5 }))
      .map(([size, random, seed]) => (random ? noise(size, seed) : records(size, seed)));

    it('are read by node:zlib, and read what node:zlib wrote, with every set of parameters', async () => {
      const { shared } = openExtension(access, { maxContexts: 2 });
      await fc.assert(
        fc.asyncProperty(
          direction,
          direction,
          fc.array(message, { maxLength: 8 }),
          async (own, peer, messages) => {
            const session = openSession(shared, own, peer);
            const writer = new ReferenceDeflater(peer);
            const reader = new ReferenceInflater(own);
            for (const each of messages) {
              const received = await inbound(session, writer.deflate(each), 300_000);
              expect(typeof received !== 'string' && received.equals(each)).toBe(true);
              expect(reader.inflate(await outbound(session, each)).equals(each)).toBe(true);
            }
            session.dispose();
            expect(shared.contexts).toBe(0);
          },
        ),
        { seed: 20261125, numRuns: 60 },
      );
    });

    it('are read whole when short and longer ones take turns, at any level', async () => {
      for (const level of [1, 3, 6]) {
        const { shared } = openExtension(access, { level });
        const session = openSession(shared, takeover(12), takeover(15));
        const reader = new ReferenceInflater(takeover(12));
        for (const [index, size] of [
          100, 300, 2000, 100, 100, 900, 900, 900, 50, 50, 70_000, 50, 3000,
        ].entries()) {
          for (let round = 0; round < 1 + (index % 3) * 6; round += 1) {
            const sent = records(size + round, index + 1);
            expect(reader.inflate(await outbound(session, sent)).equals(sent)).toBe(true);
          }
        }
        session.dispose();
      }
    });

    it('stay apart when more connections than contexts take turns', async () => {
      const { shared } = openExtension(access, { maxContexts: 3 });
      const sessions = Array.from({ length: 10 }, (_, index) => ({
        session: openSession(shared, takeover(9 + (index % 3)), takeover(10 + (index % 2))),
        writer: new ReferenceDeflater(takeover(10 + (index % 2))),
        reader: new ReferenceInflater(takeover(9 + (index % 3))),
      }));
      for (let round = 0; round < 12; round += 1) {
        for (const [index, { session, writer, reader }] of sessions.entries()) {
          if ((round + index) % 3 !== 0) {
            const sent = records(100 + 37 * round, index + 1);
            expect(await inbound(session, writer.deflate(sent))).toEqual(sent);
            expect(reader.inflate(await outbound(session, sent))).toEqual(sent);
          }
        }
        expect(shared.contexts).toBeLessThanOrEqual(6);
      }
      for (const { session } of sessions) {
        session.dispose();
      }
      expect(shared.contexts).toBe(0);
    });
  });

  describe('dispose', () => {
    it('frees every zlib handle, twice without harm', async () => {
      const before = openZlibHandles();
      const { shared } = openExtension(access);
      for (const own of [takeover(12), noTakeover(12)]) {
        const sessions = Array.from({ length: 20 }, () => openSession(shared, own, own));
        for (const session of sessions) {
          await inbound(session, bytes('f2 48 cd c9 c9 07 00'));
          await outbound(session, hello);
        }
        for (const session of sessions) {
          session.dispose();
          session.dispose();
        }
      }
      expect(openZlibHandles()).toBe(before);
    });

    it('drops what is on the thread pool, and what waits for it', async () => {
      const before = openZlibHandles();
      const { shared } = openExtension(access, { concurrency: 1 });
      const [one, two, last] = [0, 1, 2].map(() => openSession(shared, takeover(12), takeover(15)));
      const calls: string[] = [];
      const long = noise(200_000);
      one?.outbound(long, () => calls.push('running'));
      one?.inbound(new ReferenceDeflater(takeover(15)).deflate(long), 1 << 20, () => calls.push('waiting'));
      two?.outbound(long, () => calls.push('waiting too'));
      one?.dispose();
      two?.dispose();
      if (last === undefined) throw new Error('there are three sessions');
      expect(new ReferenceInflater(noTakeover(12)).inflate(await outbound(last, long)).equals(long)).toBe(
        true,
      );
      last.dispose();
      expect(calls).toEqual([]);
      expect(openZlibHandles()).toBe(before);
    });

    it('leaves a session that does nothing', async () => {
      const before = openZlibHandles();
      const session = open();
      session.dispose();
      const calls: string[] = [];
      session.inbound(bytes('f2 48 cd c9 c9 07 00'), 100, () => calls.push('inbound'));
      session.outbound(hello, () => calls.push('outbound'));
      session.outbound(noise(100_000), () => calls.push('outbound, long'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(calls).toEqual([]);
      expect(openZlibHandles()).toBe(before);
    });

    it('may be called from done', async () => {
      const before = openZlibHandles();
      for (const length of [100, 100_000]) {
        const session = open();
        await new Promise<void>((resolve) => {
          session.outbound(noise(length), () => {
            session.dispose();
            resolve();
          });
        });
      }
      expect(openZlibHandles()).toBe(before);
    });
  });

  it('keeps of the peer no more than was received, and no more than the window', async () => {
    const session = open(takeover(12));
    const writer = new ReferenceDeflater(takeover(12));
    expect(session.historySize).toBe(0);
    await inbound(session, writer.deflate(records(125)));
    expect(session.historySize).toBe(256);
    await inbound(session, writer.deflate(records(100_000)));
    expect(session.historySize).toBe(4096);
    session.dispose();
  });

  it('keeps nothing of a peer without context takeover', async () => {
    const session = open(noTakeover(15));
    await inbound(session, new ReferenceDeflater(noTakeover(15)).deflate(records(50_000)));
    expect(session.historySize).toBe(0);
    session.dispose();
  });
});

describe('contexts', () => {
  const long = records(2000);

  it('are made at the first compressed message of a direction, one for each connection with takeover', async () => {
    const { shared } = openExtension('direct', { level: 6 });
    const sessions = Array.from({ length: 5 }, () => openSession(shared, takeover(12), takeover(15)));
    expect(shared.contexts).toBe(0);
    for (const [index, session] of sessions.entries()) {
      await outbound(session, long);
      expect(shared.contexts).toBe(index + 1);
    }
    for (const session of sessions) {
      await inbound(session, bytes('f2 48 cd c9 c9 07 00'));
    }
    expect(shared.contexts).toBe(10);
    sessions[0]?.dispose();
    expect(shared.contexts).toBe(8);
    for (const session of sessions) session.dispose();
  });

  it('without takeover are one for all connections and each direction', async () => {
    const { shared } = openExtension('direct');
    const sessions = Array.from({ length: 50 }, () => openSession(shared, noTakeover(12), noTakeover(15)));
    for (const session of sessions) {
      await outbound(session, hello);
      await outbound(session, long);
      await inbound(session, new ReferenceDeflater(noTakeover(15)).deflate(noise(9000)));
    }
    expect([shared.contexts, shared.compressors]).toEqual([1, 1]);
    for (const session of sessions) session.dispose();
    expect([shared.contexts, shared.compressors]).toEqual([0, 0]);
  });

  it('are used by default where they work', async () => {
    const shared = new Shared(readOptions({}));
    const session = openSession(shared, takeover(12), takeover(15));
    await inbound(session, new ReferenceDeflater(noTakeover(15)).deflate(noise(9000)));
    expect(shared.contexts).toBe(directAccess() ? 1 : 0);
    session.dispose();
  });

  it('let messages refer to each other as long as they are short, and as long as they are not', async () => {
    const session = openSession(openExtension('direct').shared, takeover(12), takeover(15));
    for (const length of [150, 900, 150, 1500, 150]) {
      const made: number[] = [];
      for (let round = 0; round < 40; round += 1) {
        made.push((await outbound(session, records(length, round + 1))).length);
      }
      const alone = deflateRawSync(records(length, 40), { level: 3 }).length;
      const last = made.at(-1) ?? 0;
      expect([length, last, last < alone * 0.9]).toEqual([length, last, true]);
    }
    session.dispose();
  });

  it.each([100, 600, 20_000])(
    '§8: of %i bytes, nothing of one connection shows in the lengths of another',
    async (length) => {
      for (const own of [takeover(12), noTakeover(12)]) {
        const { shared } = openExtension('direct');
        const [fresh, one, other] = [openExtension('direct').shared, shared, shared].map((each) =>
          openSession(each, own, takeover(15)),
        );
        if (fresh === undefined || one === undefined || other === undefined)
          throw new Error('there are three');
        const secret = noise(length);
        const alone = await outbound(fresh, secret);
        await outbound(one, secret);
        expect((await outbound(other, secret)).equals(alone)).toBe(true);
        for (const session of [fresh, one, other]) session.dispose();
      }
    },
  );

  it('are not made for own messages, whose compressors are small', async () => {
    const { shared } = openExtension('direct', { maxContexts: 2 });
    const sessions = Array.from({ length: 20 }, () => openSession(shared, takeover(12), takeover(15)));
    for (const session of sessions) await outbound(session, long);
    expect([shared.contexts, shared.compressors]).toEqual([0, 16]);
    for (const session of sessions) session.dispose();
    expect(shared.compressors).toBe(0);
  });

  it.each([0, 4, 9])('are made for own messages too at level %i', async (level) => {
    const { shared } = openExtension('direct', { level });
    const session = openSession(shared, takeover(12), takeover(15));
    await outbound(session, hello);
    expect([shared.contexts, shared.compressors]).toEqual([1, 0]);
    session.dispose();
  });
});

describe('wants', () => {
  const session = (options: { threshold?: number; serverNoContextTakeover?: boolean }) => {
    const made = openExtension('direct', options).extension.answer([
      { name: 'permessage-deflate', parameters: [] },
    ]);
    if (made === undefined) throw new Error('the offer is acceptable');
    return made.createSession();
  };

  it.each([
    [{}, 64],
    [{ serverNoContextTakeover: true }, 256],
    [{ threshold: 1000 }, 1000],
    [{ threshold: 1000, serverNoContextTakeover: true }, 1000],
  ])('with %j: from %i bytes on', (options, threshold) => {
    expect(session(options).wants(threshold, undefined)).toBe(true);
    expect(session(options).wants(threshold - 1, undefined)).toBe(false);
  });

  it('does what the sender asked, either way', () => {
    expect(session({}).wants(1, true)).toBe(true);
    expect(session({}).wants(1_000_000, false)).toBe(false);
  });

  it('takes every message with a threshold of 0', () => {
    expect(session({ threshold: 0 }).wants(0, undefined)).toBe(true);
  });
});
