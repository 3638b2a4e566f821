/** What the peer sends, whole, byte by byte and at random cuts: the outcome never depends on segmentation. */
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectionSettings, Role } from '../../src/connection/types.ts';
import { LimitError, ProtocolError } from '../../src/frame/errors.ts';
import type { ViolationName } from '../../src/frame/violations.ts';
import { memory } from '../advisories/victim.ts';
import {
  client,
  closing,
  type FrameShape,
  frame,
  LateSession,
  opcode,
  open,
  ShortWaySession,
  taken,
  turn,
  turnedAround,
} from './wire.ts';

const seeded = { seed: 20261125, numRuns: 12 } as const;

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(places.map((at) => at % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...sorted, bytes.length].map((at, index) => bytes.subarray(sorted[index - 1] ?? 0, at));
}

interface Outcome {
  readonly messages: readonly (string | null)[];
  /** What we answered: opcode and payload. */
  readonly sent: readonly string[];
  readonly state: string;
  readonly violation: string | undefined;
  readonly code: number | undefined;
}

interface Endpoint {
  readonly role?: Role;
  readonly settings?: Partial<ConnectionSettings>;
}

/** What comes of these chunks. The transport ends after them, so that there is a closure. */
async function outcomeOf(chunks: readonly Uint8Array[], endpoint: Endpoint): Promise<Outcome> {
  const { connection, protocol, wire, closures } = open(endpoint);
  wire.feed(...chunks);
  await turn();
  const { state } = connection;
  const closure = protocol.closureSoFar();
  const messages = taken(connection).map((message) =>
    message === null || typeof message === 'string' ? message : `<${Buffer.from(message).toString('hex')}>`,
  );
  wire.peer.ended();
  wire.peer.closed();
  expect(closures).toHaveLength(1);
  return {
    messages,
    sent: wire.sent.map((sent) => `${sent.opcode} ${sent.payload.toString('latin1')}`),
    state,
    violation: closure.cause instanceof ProtocolError ? closure.cause.violation : undefined,
    code: state === 'open' ? undefined : closure.code,
  };
}

/** Proves that the outcome is the same in one chunk, byte by byte and at random cuts. @returns it */
async function everyWay(bytes: Uint8Array, endpoint: Endpoint = {}): Promise<Outcome> {
  const whole = await outcomeOf([bytes], endpoint);
  if (bytes.length < 5_000) {
    expect(
      await outcomeOf(
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
        endpoint,
      ),
    ).toEqual(whole);
  }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 8 }), async (places) => {
      expect(await outcomeOf(cut(bytes, places), endpoint)).toEqual(whole);
    }),
    seeded,
  );
  return whole;
}

const { continuation, text, binary, close, ping, pong } = opcode;
const first = frame(text, 'first');
const part: FrameShape = { fin: false };
const plain: FrameShape = { key: null };

/** A header with a 16 or 64 bit length, as it is. */
const long = (code: number, lengthBytes: readonly number[], marker: 126 | 127): Buffer =>
  Buffer.from([0x80 | code, 0x80 | marker, ...lengthBytes, 0, 0, 0, 0]);

const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

describe('violations', () => {
  const cases: readonly [name: string, bytes: Buffer, violation: ViolationName, code: number][] = [
    ...[0x40, 0x20, 0x10, 0x70].flatMap((rsv): [string, Buffer, ViolationName, number][] => [
      [`T-RSV ${rsv} text`, frame(text, 'x', { rsv }), 'reservedBits', 1002],
      [`T-RSV ${rsv} ping`, frame(ping, 'x', { rsv }), 'reservedBits', 1002],
      [
        `T-RSV ${rsv} continuation`,
        join(frame(text, 'x', part), frame(continuation, 'x', { rsv })),
        'reservedBits',
        1002,
      ],
    ]),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((code): [string, Buffer, ViolationName, number] => [
      `T-OP ${code}`,
      frame(code, 'x'),
      'reservedOpcode',
      1002,
    ]),
    ...[close, ping, pong].flatMap((code): [string, Buffer, ViolationName, number][] => [
      [`T-CTRL long ${code}`, frame(code, 'x'.repeat(126)), 'longControl', 1002],
      [`T-CTRL cut ${code}`, frame(code, '', part), 'fragmentedControl', 1002],
    ]),
    ['T-MIN 16 bit 0', long(text, [0, 0], 126), 'notMinimalLength', 1002],
    ['T-MIN 16 bit 125', long(binary, [0, 125], 126), 'notMinimalLength', 1002],
    ['T-MIN 64 bit 126', long(text, [0, 0, 0, 0, 0, 0, 0, 126], 127), 'notMinimalLength', 1002],
    ['T-MIN 64 bit 65535', long(text, [0, 0, 0, 0, 0, 0, 255, 255], 127), 'notMinimalLength', 1002],
    ['T-LEN high bit', long(text, [128, 0, 0, 0, 0, 0, 0, 0], 127), 'lengthHighBit', 1002],
    ['T-LEN 2^32 + 1', long(text, [0, 0, 0, 1, 0, 0, 0, 1], 127), 'frameTooBig', 1009],
    ['T-LEN 2^53', long(binary, [0, 32, 0, 0, 0, 0, 0, 0], 127), 'frameTooBig', 1009],
    ['T-LEN 2^63 - 1', long(binary, [127, 255, 255, 255, 255, 255, 255, 255], 127), 'frameTooBig', 1009],
    ['T-MASK-S', frame(text, 'x', plain), 'notMasked', 1002],
    ['T-FRAG continuation', frame(continuation, 'x'), 'unexpectedContinuation', 1002],
    ['T-FRAG text inside', join(frame(text, 'x', part), frame(text, 'x')), 'unfinishedMessage', 1002],
    [
      'T-FRAG binary inside',
      join(frame(text, 'x', part), frame(binary, 'x', part)),
      'unfinishedMessage',
      1002,
    ],
    ['T-CLOSE-PAY 1', frame(close, 'x'), 'closePayloadLength', 1002],
    ['T-CLOSE-PAY reason', frame(close, Buffer.from([3, 232, 0xff])), 'closeReasonUtf8', 1007],
    ['T-CLOSE-CODE 1005', frame(close, closing(1005)), 'closeCode', 1002],
    ['T-UTF8 whole', frame(text, Buffer.from([0xc0, 0x80])), 'textUtf8', 1007],
    ['T-UTF8 cut off', frame(text, Buffer.from([0x61, 0xe2, 0x82])), 'textUtf8', 1007],
    ['T-UTF8 surrogate', frame(text, Buffer.from([0xed, 0xa0, 0x80])), 'textUtf8', 1007],
    [
      'T-UTF8 last fragment',
      join(frame(text, Buffer.from([0xe2]), part), frame(continuation, Buffer.from([0x82]))),
      'textUtf8',
      1007,
    ],
  ];

  it.each(cases)('%s', async (_name, bytes, violation, code) => {
    const outcome = await everyWay(join(first, bytes, frame(text, 'ignored'), frame(ping, 'ignored')));
    // The messages before it count, nothing after it does, and the peer is told why.
    expect(outcome).toMatchObject({ messages: ['first', null], state: 'draining', violation, code });
    expect(outcome.sent).toHaveLength(1);
    const sent = outcome.sent[0] ?? '';
    expect(sent.startsWith(`8 ${String.fromCharCode(code >> 8, code & 255)}`)).toBe(true);
    expect(sent.length).toBeGreaterThan(10);
  });

  it('T-MASK-C: a client takes no masked frame', async () => {
    const unmasked = frame(text, 'first', plain);
    const outcome = await everyWay(join(unmasked, frame(text, 'x')), { role: client });
    expect(outcome).toMatchObject({ messages: ['first', null], violation: 'masked', code: 1002 });
  });

  it.each<[ViolationName, keyof ConnectionSettings, number, number, Buffer]>([
    ['frameTooBig', 'maxFrameSize', 10, 11, frame(binary, 'x'.repeat(11))],
    [
      'messageTooBig',
      'maxMessageSize',
      10,
      11,
      join(frame(text, 'x'.repeat(6), part), frame(continuation, 'y'.repeat(5))),
    ],
    [
      'tooManyFragments',
      'maxFragments',
      2,
      3,
      join(frame(text, 'a', part), frame(continuation, 'b', part), frame(continuation, 'c')),
    ],
  ])('%s tells the limit', async (violation, limit, max, actual, bytes) => {
    const outcome = await everyWay(join(first, bytes), { settings: { [limit]: max } });
    expect(outcome).toMatchObject({ messages: ['first', null], violation });
    const { protocol, wire } = open({ settings: { [limit]: max } });
    wire.feed(bytes);
    const { cause } = protocol.closureSoFar();
    expect(cause?.cause).toBeInstanceOf(LimitError);
    expect(cause?.cause).toMatchObject({ limit, max, actual });
  });

  it('T-UTF8: fails fast, inside an unfinished frame and an unfinished message', async () => {
    for (const tail of [Buffer.from([0xf4, 0x90]), Buffer.from([0xe0, 0x80]), Buffer.from([0xff])]) {
      const { connection, wire, protocol } = open();
      const whole = frame(text, join(Buffer.from('κόσμε'), tail, Buffer.alloc(500, 'x')), part);
      wire.feed(whole.subarray(0, whole.length - 499));
      expect(connection.state, tail.toString('hex')).toBe('draining');
      expect(protocol.closureSoFar().code).toBe(1007);
    }
  });

  it('T-UTF8: every lead byte, with every kind of byte behind it, against the platform', () => {
    const behind = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    for (let lead = 0; lead < 256; lead += 1) {
      for (const second of behind) {
        for (const bytes of [Buffer.from([lead, second]), Buffer.from([lead, second, 0x80])]) {
          const { connection, wire } = open();
          // Cut between the bytes, so that the incremental check is the one that judges.
          wire.feed(frame(text, bytes.subarray(0, 1), part), frame(continuation, bytes.subarray(1)));
          const expected = isUtf8(bytes) ? 'open' : 'draining';
          if (connection.state !== expected) expect(connection.state, bytes.toString('hex')).toBe(expected);
        }
      }
    }
  });

  it('T-CLOSE-CODE: all codes up to 5100, and some above', () => {
    const codes = Array.from({ length: 5_101 }, (_, code) => code);
    for (let code = 5_101; code < 65_536; code += 97) codes.push(code);
    codes.push(65_535);
    const accepted: number[] = [];
    for (const code of codes) {
      const { wire, protocol } = open();
      wire.feed(frame(close, closing(code, 'why')));
      const closure = protocol.closureSoFar();
      if (closure.by === 'peer') {
        accepted.push(code);
        if (closure.code !== code || closure.reason !== 'why')
          throw new Error(`${code} became ${closure.code}`);
      } else if (closure.code !== 1002) throw new Error(`${code} was answered with ${closure.code}`);
    }
    const legal = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    expect(accepted).toEqual([...legal, ...Array.from({ length: 2_000 }, (_, index) => 3_000 + index)]);
  });
});

describe('messages', () => {
  it('T-MIN: every length at its boundaries', async () => {
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536]) {
      const outcome = await everyWay(frame(text, 'x'.repeat(length)));
      expect(outcome).toMatchObject({ messages: ['x'.repeat(length)], state: 'open', sent: [] });
    }
  });

  it('T-MASK0: a key of zeros is a key', async () => {
    const outcome = await everyWay(frame(text, 'x', { key: [0, 0, 0, 0] }));
    expect(outcome).toMatchObject({ messages: ['x'], state: 'open' });
  });

  it('takes unmasked frames where that is asked for', async () => {
    const outcome = await everyWay(join(frame(text, 'x', plain), frame(text, 'y')), {
      settings: { acceptUnmaskedFrames: true },
    });
    expect(outcome).toMatchObject({ messages: ['x', 'y'], state: 'open' });
  });

  it('T-INTERLEAVE: control frames between fragments, answered in order', async () => {
    const bytes = join(
      frame(ping, 'before'),
      frame(text, 'grü', part),
      frame(ping, 'one'),
      frame(continuation, '', part),
      frame(pong, 'nobody asked'),
      frame(continuation, 'ße', part),
      frame(ping, ''),
      frame(continuation, '!'),
      frame(binary, Buffer.from([1, 2])),
    );
    const outcome = await everyWay(bytes);
    expect(outcome).toMatchObject({ messages: ['grüße!', '<0102>'], state: 'open' });
    expect(outcome.sent).toEqual(['10 before', '10 one', '10 ']);
  });

  it('T-PONG-2: a Pong that nobody asked for is ignored', async () => {
    const outcome = await everyWay(join(frame(pong, ''), frame(pong, 'x'.repeat(125)), frame(text, 'x')));
    expect(outcome).toMatchObject({ messages: ['x'], state: 'open', sent: [] });
  });

  it('T-AFTER: nothing counts after a Close', async () => {
    const outcome = await everyWay(
      join(
        first,
        frame(close, closing(3_000, 'bye')),
        frame(text, 'late'),
        frame(ping),
        frame(close),
        frame(3),
      ),
    );
    expect(outcome).toMatchObject({ messages: ['first', null], state: 'draining', code: 3_000 });
    expect(outcome.sent).toEqual([`8 ${closing(3_000).toString('latin1')}`]);
  });

  it('T-CLOSE-HS: a Close in the middle of a message ends it', async () => {
    const outcome = await everyWay(join(frame(text, 'half', part), frame(close)));
    expect(outcome).toMatchObject({ messages: [null], state: 'draining', code: 1005, sent: ['8 '] });
  });

  it('T-SPLIT: any sequence of frames, whole against random cuts', async () => {
    const some = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 90 }).map((payload) => frame(text, payload)),
      fc.uint8Array({ maxLength: 200 }).map((payload) => frame(binary, payload)),
      fc.uint8Array({ maxLength: 60 }).map((payload) => frame(text, payload)),
      fc.uint8Array({ maxLength: 125 }).map((payload) => frame(ping, payload)),
      fc
        .tuple(fc.constantFrom(0, 1, 2, 3, 8, 10), fc.boolean(), fc.uint8Array({ maxLength: 130 }))
        .map(([code, fin, payload]) => frame(code, payload, { fin })),
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    );
    const scenario = fc.tuple(
      fc.array(some, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 30 }),
    );
    await fc.assert(
      fc.asyncProperty(scenario, async ([frames, places]) => {
        const bytes = Buffer.concat(frames);
        const whole = await outcomeOf([bytes], {});
        expect(await outcomeOf(cut(bytes, places), {})).toEqual(whole);
        expect(
          await outcomeOf(
            Array.from(bytes, (byte) => Uint8Array.of(byte)),
            {},
          ),
        ).toEqual(whole);
      }),
      { seed: 20261125, numRuns: 250 },
    );
  });
});

describe('memory', () => {
  it('T-MEM-1: nothing of a frame that is too big is stored', () => {
    const { wire, connection } = open();
    wire.feed(long(binary, [0, 0, 0, 0, 0, 16, 0, 1], 127));
    expect(connection.state).toBe('draining');
  });

  it('T-MEM-2: tiny fragments cost their own bytes, twice at most', async () => {
    const fragments = 16_383;
    const connections = 20;
    const one = join(
      frame(binary, 'x', part),
      ...Array.from({ length: fragments - 1 }, () => frame(continuation, 'x', part)),
    );
    const opened = Array.from({ length: connections }, () => open());
    const before = await memory();
    for (const { wire } of opened)
      for (let at = 0; at < one.length; at += 7_000) wire.feed(one.subarray(at, at + 7_000));
    const each = ((await memory()) - before) / connections;
    // Fragments kept as objects would be about 1.8 MB.
    expect(each).toBeLessThan(2 * fragments + 4_096);
    for (const { connection } of opened) expect(connection.state).toBe('open');
  });

  it('a message that never became whole is forgotten with its connection, whoever keeps the handle', async () => {
    const size = 500_000;
    const opened = Array.from({ length: 20 }, () => open());
    const before = await memory();
    for (const [index, { wire }] of opened.entries()) {
      wire.feed(frame(index % 2 === 0 ? text : binary, Buffer.alloc(size, 'x'), part));
      wire.peer.closed();
    }
    expect((await memory()) - before).toBeLessThan(4 * size);
    for (const { connection } of opened) expect(connection.state).toBe('closed');
  });

  it('T-MEM-3: a frame in pieces of one byte', () => {
    const { wire, connection } = open();
    const bytes = frame(binary, Buffer.alloc(262_144, 'x'));
    for (let at = 0; at < bytes.length; at += 1) wire.peer.data(bytes.subarray(at, at + 1));
    expect(connection.tryRecv()).toHaveLength(262_144);
  });

  it('T-MEM-4: fragments without bytes have a limit', () => {
    const { wire, protocol } = open();
    wire.feed(frame(text, '', part));
    const many = Buffer.concat(Array.from({ length: 16_384 }, () => frame(continuation, '', part)));
    wire.feed(many);
    expect(protocol.closureSoFar()).toMatchObject({ code: 1008, by: 'us' });
  });

  it('T-MEM-5: the sum of the fragments counts', () => {
    const { wire, protocol } = open({ settings: { maxMessageSize: 1_000 } });
    for (let index = 0; index < 10; index += 1)
      wire.feed(frame(index === 0 ? text : continuation, 'x'.repeat(100), part));
    expect(protocol.state).toBe('open');
    wire.feed(frame(continuation, 'x'));
    expect(protocol.closureSoFar()).toMatchObject({ code: 1009 });
  });
});

describe('an extension', () => {
  const marked = (payload: string | Uint8Array, code: number = text): Buffer =>
    frame(code, turnedAround(payload), { rsv: 0x40 });

  it('undoes marked messages, and leaves others alone', async () => {
    const session = new LateSession();
    session.prompt = true;
    const { connection, wire } = open({ session });
    wire.feed(join(marked('grüße'), frame(text, 'plain'), marked(Buffer.from([1, 2]), binary)));
    expect(taken(connection)).toEqual(['grüße', 'plain', Buffer.from([1, 2])]);
    wire.feed(
      frame(text, turnedAround('in '), { fin: false, rsv: 0x40 }),
      frame(continuation, turnedAround('two')),
    );
    expect(taken(connection)).toEqual(['in two']);
    wire.feed(frame(text, 'x', { rsv: 0x20 }));
    expect(connection.state).toBe('draining');
  });

  it('may have a short way, whose memory the next message uses again', () => {
    const session = new ShortWaySession();
    session.prompt = true;
    const { connection, wire, protocol } = open({ session });
    const long = 'x'.repeat(65_537);
    wire.feed(
      join(marked('plain'), marked('grüße'), frame(text, 'unmarked'), marked(Buffer.from([1, 2]), binary)),
      marked(long),
      marked(''),
    );
    expect(taken(connection)).toEqual(['plain', 'grüße', 'unmarked', Buffer.from([1, 2]), long, '']);
    const large = [1, 2].map((byte) => Buffer.alloc(60_000, byte));
    const kept = large.flatMap((bytes) => {
      wire.feed(marked(bytes, binary));
      return taken(connection);
    });
    expect(kept.map(String)).toEqual(large.map(String));
    wire.feed(marked(Buffer.from([0x61, 0xff])));
    expect(protocol.closureSoFar()).toMatchObject({ code: 1007 });
  });

  it('may answer late: order is kept, and the transport waits', async () => {
    const session = new LateSession();
    const { connection, wire } = open({ session });
    wire.feed(
      join(marked('one'), frame(text, 'two'), marked('three'), frame(ping, 'p')),
      frame(text, 'four'),
    );
    expect(taken(connection)).toEqual([]);
    expect(wire.paused).toBe(true);
    expect(session.inbounds).toHaveLength(1);
    session.answerInbound();
    expect(taken(connection)).toEqual(['one', 'two']);
    expect(session.inbounds).toHaveLength(1);
    session.answerInbound();
    expect(taken(connection)).toEqual(['three', 'four']);
    expect(wire.paused).toBe(false);
    await turn();
    expect(wire.sent).toMatchObject([{ opcode: opcode.pong }]);
  });

  it('holds chunks that come while it works, also at the end of a chunk', () => {
    const session = new LateSession();
    const { connection, wire } = open({ session });
    wire.feed(marked('one'));
    expect(wire.paused).toBe(true);
    wire.feed(marked('two'), frame(text, 'three'));
    session.answerInbound();
    session.answerInbound();
    expect(taken(connection)).toEqual(['one', 'two', 'three']);
  });

  it('keeps the transport waiting while the inbox is full', () => {
    const session = new LateSession();
    const { connection, wire } = open({ session });
    wire.feed(join(marked('x'.repeat(70_000)), frame(text, 'next')));
    session.answerInbound();
    expect(wire.paused).toBe(true);
    expect(connection.tryRecv()).toHaveLength(70_000);
    expect(wire.paused).toBe(false);
    expect(connection.tryRecv()).toBe('next');
  });

  it('may find a violation, of its own or of a limit', () => {
    for (const [violation, code] of [
      ['extensionData', 1007],
      ['messageTooBig', 1009],
    ] as const) {
      const session = new LateSession();
      const { wire, protocol } = open({ session, settings: { maxMessageSize: 100 } });
      wire.feed(marked('x'));
      session.inbounds[0]?.done(violation, new Uint8Array(0));
      const closure = protocol.closureSoFar();
      expect(closure).toMatchObject({ code, by: 'us' });
      if (code === 1009) expect(closure.cause?.cause).toMatchObject({ limit: 'maxMessageSize', actual: 101 });
      else expect(closure.cause?.cause).toBeUndefined();
      wire.peer.closed();
      expect(session.disposals).toBe(1);
    }
  });

  it('must yield UTF-8 for text', () => {
    const session = new LateSession();
    session.prompt = true;
    const { wire, protocol } = open({ session });
    wire.feed(marked(Buffer.from([0xff])));
    expect(protocol.closureSoFar()).toMatchObject({ code: 1007 });
  });

  it('has what the handler answers leave first when its message can not be undone, or is no text', async () => {
    for (const violation of ['extensionData', undefined] as const) {
      const session = new LateSession();
      const { connection, wire } = open({ session });
      wire.feed(join(marked('good'), marked('bad'), frame(text, 'behind')));
      session.answerInbound();
      session.inbounds[0]?.done(violation, Buffer.of(0xff));
      // As a handler does that the first message has woken.
      void connection.send('answer', { compress: false });
      await turn();
      expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, close]);
      expect(taken(connection)).toEqual(['good', null]);
    }
  });

  it('is heard once per message', () => {
    const session = new LateSession();
    const { connection, wire } = open({ session });
    wire.feed(marked('one'));
    const call = session.inbounds[0];
    session.answerInbound();
    call?.done(undefined, Buffer.from('again'));
    expect(taken(connection)).toEqual(['one']);
  });

  it('still delivers its message when the peer has ended meanwhile', () => {
    const session = new LateSession();
    const { connection, wire, closures } = open({ session });
    wire.feed(join(marked('one'), marked('two'), frame(close, closing(1000))));
    wire.peer.ended();
    wire.peer.closed();
    expect(closures).toHaveLength(0);
    session.answerInbound();
    expect(closures).toHaveLength(0);
    session.answerInbound();
    expect(closures).toMatchObject([{ code: 1000, clean: true, by: 'peer' }]);
    expect(taken(connection)).toEqual(['one', 'two', null]);
    expect(session.disposals).toBe(1);
  });

  it('is not listened to after the end', () => {
    const session = new LateSession();
    const { connection, wire, closures } = open({ session });
    wire.feed(marked('one'));
    const call = session.inbounds[0];
    wire.peer.ended();
    connection.terminate();
    call?.done(undefined, Buffer.from('late'));
    expect(taken(connection)).toEqual([null]);
    wire.peer.closed();
    expect(closures).toHaveLength(1);
    expect(session.disposals).toBe(1);
  });
});
