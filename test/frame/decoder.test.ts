/** The incremental decoder: one outcome for all cuts (T-SPLIT), and what its sink is told. rules.test.ts has the rules. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameDecoder, type FrameSink, unknownBits } from '../../src/frame/decoder.ts';
import { encodeFrame } from '../../src/frame/encoder.ts';
import {
  bytesOf,
  clientFrame,
  clientRules,
  decode,
  decodeEachWay,
  everyOffset,
  hex,
  rawHeader,
  serverRules,
} from './recorder.ts';

const zeroKey = [0, 0, 0, 0];

describe('FrameDecoder', () => {
  it('refuses an oversized claim at the header, before any of its bytes', () => {
    const header = rawHeader(0x82, 2n ** 40n, 8, zeroKey);
    const outcome = decode(serverRules, bytesOf(header, [1, 2, 3]));
    expect(outcome.events).toEqual([{ kind: 'violation', name: 'frameTooBig', actual: 2 ** 40 }]);
    expect(outcome.consumed).toBe(header.length);
  });

  it('is idle exactly between messages', () => {
    const message = bytesOf(clientFrame(0x02, [1, 2]), clientFrame(0x89, [1]), clientFrame(0x80, [3]));
    for (let length = 0; length <= message.length; length += 1) {
      const { idle } = decode(serverRules, message.subarray(0, length), everyOffset(length));
      expect(idle, `after ${length} bytes`).toBe(length === 0 || length === message.length);
      expect(decode(serverRules, message.subarray(0, length)).idle).toBe(idle);
    }
    const ping = bytesOf(clientFrame(0x89, [1, 2]));
    expect(decode(serverRules, ping.subarray(0, 7)).idle).toBe(false);
    expect(decode(serverRules, ping).idle).toBe(true);
  });

  it('T-SPLIT: one outcome for every single cut of a stream with all kinds of frames', () => {
    const long = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff);
    const bytes = bytesOf(
      encodeFrame(1, long.subarray(65, 90), { key: 0x01_02_03_04 }),
      encodeFrame(2, long, { key: -2, fin: false }),
      encodeFrame(9, long.subarray(0, 125), { key: 0x7f_00_00_01 }),
      encodeFrame(0, new Uint8Array(0), { key: 5, fin: false }),
      encodeFrame(0, long.subarray(0, 60), { key: 0x55_aa_55_aa }),
      encodeFrame(8, Uint8Array.of(3, 232), { key: 1 }),
    );
    const whole = decodeEachWay(serverRules, bytes);
    expect(whole.events.map(({ kind }) => kind)).toEqual([
      'data',
      'data',
      'control',
      'data',
      'data',
      'control',
    ]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(decode(serverRules, bytes, [cut]), `cut at ${cut}`).toEqual(whole);
    }
  });

  it('gives one outcome for any bytes and any cuts, and never throws', () => {
    const frames = fc.record({
      first: fc.oneof(fc.constantFrom(0x81, 0x82, 0x01, 0x00, 0x80, 0x89, 0xc1), fc.nat(255)),
      payload: fc.uint8Array({ maxLength: 140 }),
      masked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.boolean() }),
      key: fc.integer(),
    });
    const streams = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(frames, { maxLength: 8 }).map((list) =>
        bytesOf(
          ...list.map(({ first, payload, masked, key }) =>
            encodeFrame(first & 0x0f, payload, {
              fin: first >= 0x80,
              rsv: first & 0x70,
              key: masked ? key : undefined,
            }),
          ),
        ),
      ),
    );
    const rules = fc.record({
      peerMasks: fc.boolean(),
      acceptUnmaskedFrames: fc.boolean(),
      rsv: fc.constantFrom(0, 0x40),
      maxFrameSize: fc.constantFrom(100, 1_000),
      maxMessageSize: fc.constantFrom(150, 1_000),
      maxFragments: fc.constantFrom(2, 100),
    });
    fc.assert(
      fc.property(streams, rules, fc.array(fc.nat(1_200), { maxLength: 12 }), (bytes, own, wishes) => {
        const cuts = wishes.map((wish) => Math.min(wish, bytes.length)).sort((a, b) => a - b);
        const whole = decode(own, bytes);
        expect(decode(own, bytes, cuts)).toEqual(whole);
        expect(decode(own, bytes, everyOffset(bytes.length))).toEqual(whole);
      }),
      { seed: 20261125, numRuns: 1_500 },
    );
  });

  it('does nothing with an empty chunk, wherever it comes', () => {
    const bytes = bytesOf(clientFrame(0x82, [1, 2, 3]));
    const repeated = Array.from({ length: bytes.length }, (_, index) => [index, index, index]).flat();
    expect(decode(serverRules, bytes, repeated)).toEqual(decode(serverRules, bytes));
  });
});

/** A sink that writes down what is called, and may answer a call. */
function logging(answer: (name: string) => void = () => {}): { sink: FrameSink; log: string[] } {
  const log: string[] = [];
  const note = (name: string, ...values: unknown[]): void => {
    log.push([name, ...values].join(' '));
    answer(name);
  };
  const sink: FrameSink = {
    dataFrame: (opcode, fin, rsv, chunk, start, end, bits) =>
      note(
        'dataFrame',
        opcode,
        fin,
        rsv,
        hex(chunk.subarray(start, end)),
        bits === unknownBits ? 'unknown' : 'known',
      ),
    dataStart: (opcode, rsv, length) => note('dataStart', opcode, rsv, length),
    dataPiece: (chunk, start, end) => note('dataPiece', hex(chunk.subarray(start, end))),
    dataEnd: (fin) => note('dataEnd', fin),
    controlFrame: (opcode, payload) => note('controlFrame', opcode, hex(payload)),
    violation: (name, actual) => note('violation', name, actual),
  };
  return { sink, log };
}

describe('what the sink is told', () => {
  it('of a frame in one chunk: the frame; of one in pieces: start, pieces, end', () => {
    const { sink, log } = logging();
    const decoder = new FrameDecoder(serverRules, sink);
    const frame = bytesOf(clientFrame(0x82, [1, 2, 3]));
    decoder.push(Uint8Array.from(frame));
    decoder.push(frame.slice(0, 6));
    decoder.push(frame.slice(6, 7));
    decoder.push(frame.slice(7));
    expect(log).toEqual([
      'dataFrame 2 true 0 010203 known',
      'dataStart 2 0 3',
      'dataPiece 01',
      'dataPiece 0203',
      'dataEnd true',
    ]);
  });

  it('nothing of the bits of an unmasked frame', () => {
    const { sink, log } = logging();
    new FrameDecoder(clientRules, sink).push(Uint8Array.of(0x81, 1, 0x41));
    expect(log).toEqual(['dataFrame 1 true 0 41 unknown']);
  });

  it('one thing at a time when it stops the decoder each time, and everything in the end', () => {
    const bytes = bytesOf(
      clientFrame(0x02, [1]),
      clientFrame(0x89, [2]),
      clientFrame(0x80, [3]),
      clientFrame(0x88),
      clientFrame(0x82, [4]),
    );
    const { sink, log } = logging(() => {
      decoder.stopped = true;
    });
    const decoder = new FrameDecoder(serverRules, sink);
    const offsets: number[] = [];
    for (let at = 0; at < bytes.length; ) {
      decoder.stopped = false;
      at = decoder.push(bytes, at);
      offsets.push(at);
    }
    expect(offsets).toEqual([7, 14, 21, 27, 34]);
    expect(log).toHaveLength(5);
    expect(decoder.push(Uint8Array.of(0x82, 0x80))).toBe(0);
  });

  it('the right bytes of the next chunk, after a callback threw in the middle of a chunk', () => {
    const first = bytesOf(encodeFrame(2, new Uint8Array(64).fill(1), { key: 0x11_22_33_44 }));
    const second = bytesOf(encodeFrame(2, new Uint8Array(64).fill(2), { key: 0x11_22_33_44 }));
    let broken = true;
    const { sink, log } = logging(() => {
      if (broken) throw new Error('from the application');
    });
    const decoder = new FrameDecoder(serverRules, sink);
    expect(() => decoder.push(first)).toThrow('from the application');
    broken = false;
    decoder.push(second);
    expect(log.at(-1)).toBe(`dataFrame 2 true 0 ${'02'.repeat(64)} known`);
  });

  it('of a control frame in pieces: all its bytes, also when the next one comes in pieces too', () => {
    const { sink, log } = logging();
    const decoder = new FrameDecoder(serverRules, sink);
    const frames = bytesOf(
      encodeFrame(9, Uint8Array.of(1, 2, 3, 4, 5), { key: 77 }),
      encodeFrame(10, Uint8Array.of(6), { key: 78 }),
    );
    for (const byte of frames) decoder.push(Uint8Array.of(byte));
    expect(log).toEqual(['controlFrame 9 0102030405', 'controlFrame 10 06']);
  });
});

describe('memory', () => {
  it('changes nothing outside the part of the chunk it was given', () => {
    const frame = encodeFrame(2, new Uint8Array(100).fill(3), { key: -1 });
    const chunk = new Uint8Array(frame.length + 20).fill(0xcc);
    chunk.set(frame, 9);
    const { sink, log } = logging();
    expect(new FrameDecoder(serverRules, sink).push(chunk, 9, 9 + frame.length)).toBe(9 + frame.length);
    expect(log).toEqual([`dataFrame 2 true 0 ${'03'.repeat(100)} known`]);
    expect(chunk.subarray(0, 9)).toEqual(new Uint8Array(9).fill(0xcc));
    expect(chunk.subarray(9 + frame.length)).toEqual(new Uint8Array(11).fill(0xcc));
  });
});
