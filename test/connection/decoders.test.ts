import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoders } from '../../src/connection/decoders.ts';
import type { FrameDecoder } from '../../src/frame/decoder.ts';
import { decode, Recorder, serverRules } from '../frame/recorder.ts';
import { frame, opcode } from './wire.ts';

/** Streams of three connections, in chunks that come in any order between them. */
const streams = fc.array(
  fc.array(
    fc.record({
      code: fc.constantFrom(opcode.text, opcode.binary, opcode.ping),
      payload: fc.string({ maxLength: 60 }),
      parts: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  { minLength: 3, maxLength: 3 },
);

function bytesOf(messages: readonly { code: number; payload: string; parts: number }[]): Buffer {
  return Buffer.concat(
    messages.flatMap(({ code, payload, parts }) =>
      code === opcode.ping
        ? [frame(code, payload)]
        : Array.from({ length: parts }, (_, part) =>
            frame(part === 0 ? code : opcode.continuation, payload, { fin: part === parts - 1 }),
          ),
    ),
  );
}

describe('decoders that are lent', () => {
  it('decode for many connections as one of its own would for each', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 40 }))), (all, order) => {
        const decoders = new Decoders(serverRules);
        const connections = all.map((messages) => ({
          bytes: bytesOf(messages),
          at: 0,
          sink: new Recorder(),
          decoder: undefined as FrameDecoder | undefined,
        }));
        const feed = (index: number, size: number): void => {
          const one = connections[index];
          if (one === undefined || one.at >= one.bytes.length) return;
          const chunk = Uint8Array.from(one.bytes.subarray(one.at, one.at + size));
          one.at += chunk.length;
          one.decoder ??= decoders.lend(one.sink);
          const { decoder } = one;
          expect(decoder.push(chunk)).toBe(chunk.length);
          if (!decoder.idle) return;
          one.decoder = undefined;
          decoders.takeBack(decoder);
        };
        for (const [index, size] of order) feed(index, size);
        for (const index of [0, 1, 2]) feed(index, 100_000);
        for (const { bytes, sink } of connections)
          expect(sink.finish()).toEqual(decode(serverRules, bytes).events);
      }),
      { seed: 20261125, numRuns: 300 },
    );
  });

  it('are used again, and tell nobody who had them before', () => {
    const decoders = new Decoders(serverRules);
    const first = new Recorder();
    const decoder = decoders.lend(first);
    decoder.push(frame(opcode.text, 'one'));
    decoders.takeBack(decoder);
    expect(decoder.sink).not.toBe(first);
    const second = new Recorder();
    expect(decoders.lend(second)).toBe(decoder);
    decoder.push(frame(opcode.text, 'two'));
    expect([first.events.length, second.events.length]).toEqual([1, 1]);
    expect(decoders.lend(first)).not.toBe(decoder);
  });

  it('are kept in a number that has a bound', () => {
    const decoders = new Decoders(serverRules);
    const lend = (): FrameDecoder[] => Array.from({ length: 200 }, () => decoders.lend(new Recorder()));
    const first = lend();
    for (const decoder of first) decoders.takeBack(decoder);
    const known = new Set(first);
    const again = lend().filter((decoder) => known.has(decoder)).length;
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThan(100);
  });
});
