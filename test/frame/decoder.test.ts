/** The incremental decoder: one outcome for all cuts (T-SPLIT), and what its sink is told. rules.test.ts has the rules. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameDecoder, type FrameSink, unknownBits } from '../../src/frame/decoder.ts';
import { encodeFrame } from '../../src/frame/encoder.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import {
  createRegion,
  type Region,
  regionSize,
  scanCapacity,
  scannedLength,
  scannedNotAscii,
  scannedText,
  scannedWords,
} from '../../src/frame/region.ts';
import {
  bytesOf,
  clientFrame,
  clientRules,
  decode,
  decodeEachWay,
  everyOffset,
  type FrameEvent,
  hex,
  type Outcome,
  Recorder,
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

/** Writes down bursts as the frames that they consist of, and stops behind each frame whose number is asked for. */
class BurstRecorder extends Recorder {
  bursts = 0;
  decoder: FrameDecoder | undefined;
  readonly #stops: ReadonlySet<number>;

  constructor(stops: Iterable<number>) {
    super();
    this.#stops = new Set(stops);
  }

  #stop(): boolean {
    const stops = this.decoder !== undefined && this.#stops.has(this.events.length);
    if (stops && this.decoder !== undefined) this.decoder.stopped = true;
    return stops;
  }

  override dataFrame(...frame: Parameters<FrameSink['dataFrame']>): void {
    super.dataFrame(...frame);
    this.#stop();
  }

  burst(region: Region, count: number): number {
    this.bursts += 1;
    for (let index = 0; index < count; index += 1) {
      const start = region.scanned[index * scannedWords] ?? 0;
      const kind = region.scanned[index * scannedWords + 1] ?? 0;
      const payload = region.bytes.subarray(start, start + (kind >>> scannedLength));
      const ascii = (kind & scannedNotAscii) === 0;
      if (ascii !== payload.every((byte) => byte < 0x80)) throw new Error('wrong about ASCII');
      this.events.push({
        kind: 'data',
        opcode: (kind & scannedText) === 0 ? 2 : 1,
        fin: true,
        rsv: 0,
        payload: hex(payload),
        ascii,
      });
      if (this.#stop()) return index + 1;
    }
    return count;
  }
}

const region = createRegion();

/** Decodes in a region, each part between two cuts as a chunk of its own, and goes on wherever the sink stopped. */
function decodeInRegion(
  rules: FrameRules,
  bytes: Uint8Array,
  cuts: readonly number[],
  stops: Iterable<number>,
): Outcome & { bursts: number } {
  const sink = new BurstRecorder(stops);
  const decoder = new FrameDecoder(rules, sink);
  sink.decoder = decoder;
  let consumed = 0;
  let from = 0;
  for (const edge of [...cuts, bytes.length]) {
    const size = edge - from;
    region.bytes.set(bytes.subarray(from, edge));
    let at = 0;
    while (at < size) {
      decoder.stopped = false;
      at = decoder.push(region.bytes, at, size, region);
      // What is not reached is as it came.
      expect(hex(region.bytes.subarray(at, size))).toBe(hex(bytes.subarray(from + at, edge)));
      if (sink.events.at(-1)?.kind === 'violation') break;
    }
    consumed += at;
    if (sink.events.at(-1)?.kind === 'violation') break;
    from = edge;
  }
  const { idle, unfinished, size, fragments } = decoder;
  return { events: sink.finish(), consumed, idle, unfinished, size, fragments, bursts: sink.bursts };
}

/** The same with fragments that follow each other as one frame: a burst has joined them. */
function joined(outcome: Outcome): Outcome {
  const events: FrameEvent[] = [];
  for (const event of outcome.events) {
    const last = events.at(-1);
    if (
      last?.kind === 'data' &&
      !last.fin &&
      event.kind === 'data' &&
      event.opcode === 0 &&
      event.rsv === 0
    ) {
      const payload = last.payload + event.payload;
      events[events.length - 1] = { ...last, fin: event.fin, payload, ascii: last.ascii && event.ascii };
    } else {
      events.push(event);
    }
  }
  return { ...outcome, events };
}

describe('bursts', () => {
  const small = fc.record({
    first: fc.oneof(
      { weight: 90, arbitrary: fc.constantFrom(0x81, 0x82) },
      { weight: 2, arbitrary: fc.constantFrom(0x01, 0x00, 0x80, 0x89, 0xc1, 0x83, 0x90) },
      { weight: 1, arbitrary: fc.nat(255) },
    ),
    payload: fc.oneof(
      { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      { weight: 3, arbitrary: fc.string({ maxLength: 60 }).map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: fc.uint8Array({ minLength: 120, maxLength: 300 }) },
    ),
    masked: fc.oneof({ weight: 150, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.boolean() }),
    key: fc.integer(),
  });

  it.each([
    ['masked frames', true],
    ['frames without a mask', false],
  ])('of %s are what the frames are one by one, wherever the sink stops', (_, peerMasks) => {
    const encoded = (
      first: number,
      { payload, masked, key }: { payload: Uint8Array; masked: boolean; key: number },
    ) =>
      encodeFrame(first & 0x0f, payload, {
        fin: first >= 0x80,
        rsv: first & 0x70,
        key: masked === peerMasks ? key : undefined,
      });
    const one = small.map((each) => encoded(each.first, each));
    const fragments = fc
      .tuple(fc.constantFrom(0x01, 0x02), fc.array(small, { minLength: 2, maxLength: 6 }))
      .map(([first, parts]) =>
        bytesOf(
          ...parts.map((each, index) =>
            encoded(index === 0 ? first : index === parts.length - 1 ? 0x80 : 0x00, each),
          ),
        ),
      );
    const streams = fc
      .array(fc.oneof({ weight: 6, arbitrary: one }, { weight: 1, arbitrary: fragments }), { maxLength: 60 })
      .map((list) => bytesOf(...list));
    const rules = fc.record({
      peerMasks: fc.constant(peerMasks),
      acceptUnmaskedFrames: fc.boolean(),
      rsv: fc.constantFrom(0, 0x40),
      maxFrameSize: fc.constantFrom(30, 125, 126, 1_000, 1_000_000),
      maxMessageSize: fc.constantFrom(45, 1_000, 1_000_000),
      maxFragments: fc.constantFrom(0, 1, 2, 100),
    });
    let bursts = 0;
    fc.assert(
      fc.property(
        streams,
        rules,
        fc.array(fc.nat(3_000), { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 6 }),
        (bytes, own, wishes, stops) => {
          const cuts = wishes.map((wish) => Math.min(wish, bytes.length)).sort((a, b) => a - b);
          const { bursts: some, ...outcome } = decodeInRegion(own, bytes, cuts, stops);
          bursts += some;
          // Nobody looks at bytes without a mask before a message is made of them; a burst tells more of them.
          const known = (each: Outcome) =>
            peerMasks ? each : { ...each, events: each.events.map((event) => ({ ...event, ascii: true })) };
          expect(known(joined(outcome))).toEqual(known(joined(decode(own, bytes))));
        },
      ),
      { seed: 20261125, numRuns: 1_000 },
    );
    expect(bursts).toBeGreaterThan(400);
  });

  it('leave what is no shortest length, no whole frame, too long or marked to the rules', () => {
    const good = clientFrame(0x82, [7]);
    const others = [
      bytesOf(rawHeader(0x82, 5n, 2, zeroKey), [1, 2, 3, 4, 5]),
      bytesOf(rawHeader(0x82, 5n, 8, zeroKey), [1, 2, 3, 4, 5]),
      bytesOf(rawHeader(0x82, 9n, 0, zeroKey), [1, 2]),
      bytesOf(rawHeader(0x82, 300n, 2, zeroKey).slice(0, 3)),
      bytesOf(rawHeader(0x82, 300n, 2, zeroKey).slice(0, 5)),
      bytesOf(rawHeader(0x82, 1n, 0)),
      bytesOf(rawHeader(0x92, 1n, 0, zeroKey), [1]),
      bytesOf(rawHeader(0x02, 1n, 0, zeroKey), [1]),
      bytesOf(rawHeader(0x83, 1n, 0, zeroKey), [1]),
      bytesOf(rawHeader(0x80, 1n, 0, zeroKey), [1]),
      bytesOf(rawHeader(0x88, 2n, 0, zeroKey), [3, 232]),
    ];
    for (const other of others) {
      const bytes = bytesOf(good, good, good, other, good);
      const { bursts, ...outcome } = decodeInRegion(serverRules, bytes, [], []);
      expect(bursts).toBeGreaterThan(0);
      expect(outcome).toEqual(decode(serverRules, bytes));
    }
  });

  it('fill a whole chunk, many times as many as are scanned at once', () => {
    const count = Math.floor(regionSize / 6);
    const bytes = bytesOf(...Array.from({ length: count }, () => clientFrame(0x81)));
    const { bursts, events, consumed } = decodeInRegion(serverRules, bytes, [], []);
    expect(events).toHaveLength(count);
    expect(consumed).toBe(bytes.length);
    expect(bursts).toBe(Math.ceil((count - 1) / scanCapacity));
  });

  it('join a message in fragments, which is then alone, unless its limits forbid', () => {
    const parts = [
      clientFrame(0x02, [1, 2, 3]),
      clientFrame(0x00),
      clientFrame(0x00, [4, 0x85]),
      clientFrame(0x80, [6]),
    ];
    const bytes = bytesOf(clientFrame(0x81, [7]), ...parts, ...parts, clientFrame(0x81, [8]));
    const all = decodeInRegion(serverRules, bytes, [], []);
    expect(all.bursts).toBe(3);
    expect(all.events.map((event) => (event.kind === 'data' ? event.payload : event.kind))).toEqual([
      '07',
      '0102030485' + '06',
      '0102030485' + '06',
      '08',
    ]);
    for (const tight of [{ maxFragments: 3 }, { maxMessageSize: 5 }, { maxFrameSize: 2 }]) {
      const { bursts, ...outcome } = decodeInRegion({ ...serverRules, ...tight }, bytes, [], []);
      expect(bursts).toBe(0);
      expect(outcome).toEqual(decode({ ...serverRules, ...tight }, bytes));
      expect(outcome.events.at(-1)?.kind).toBe('violation');
    }
    for (const loose of [{ maxFragments: 4 }, { maxMessageSize: 6 }, { maxFrameSize: 3 }]) {
      expect(decodeInRegion({ ...serverRules, ...loose }, bytes, [], []).events).toEqual(all.events);
    }
  });

  it('are told frame by frame to a sink that does not take them', () => {
    const bytes = bytesOf(...Array.from({ length: 100 }, (_, index) => clientFrame(0x82, [index])));
    region.bytes.set(bytes);
    const recorder = new Recorder();
    const decoder = new FrameDecoder(serverRules, recorder);
    expect(decoder.push(region.bytes, 0, bytes.length, region)).toBe(bytes.length);
    expect(recorder.finish()).toEqual(decode(serverRules, bytes).events);
  });
});
