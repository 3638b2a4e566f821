/** The frame rules of RFC 6455 §5 and the limits: real bytes, whole, byte by byte and cut at random. */
import { describe, expect, it } from 'vitest';
import type { FrameRules } from '../../src/frame/header.ts';
import type { ViolationName } from '../../src/frame/violations.ts';
import {
  bytesOf,
  clientFrame,
  clientRules,
  decodeEachWay,
  type FrameEvent,
  hex,
  rawHeader,
  serverRules,
  violationOf,
} from './recorder.ts';

const zeroKey = [0, 0, 0, 0];

const data = (opcode: number, fin: boolean, payload: string, ascii = true, rsv = 0): FrameEvent => ({
  kind: 'data',
  opcode,
  fin,
  rsv,
  payload,
  ascii,
});
const control = (opcode: number, payload = ''): FrameEvent => ({ kind: 'control', opcode, payload });

/** Demands that the bytes end in this violation however they are cut, with a good frame in front and one behind. */
function expectViolation(rules: FrameRules, bytes: readonly number[], name: ViolationName): void {
  const good = rules.peerMasks ? clientFrame(0x82, [7]) : [0x82, 1, 7];
  const outcome = decodeEachWay(rules, bytesOf(good, bytes, good));
  expect(outcome.events[0]).toEqual(data(2, true, '07', rules.peerMasks));
  expect(violationOf(outcome)).toBe(name);
  expect(outcome.events.filter(({ kind }) => kind === 'violation')).toHaveLength(1);
}

describe('rules of RFC 6455 §5, however the bytes are cut', () => {
  it('T-RSV', () => {
    for (const rsv of [0x10, 0x20, 0x40, 0x70]) {
      expectViolation(serverRules, clientFrame(0x81 | rsv), 'reservedBits');
      expectViolation(serverRules, clientFrame(0x89 | rsv), 'reservedBits');
    }
    const deflate = { ...serverRules, rsv: 0x40 };
    expectViolation(deflate, clientFrame(0xa1), 'reservedBits');
    expectViolation(deflate, clientFrame(0xc9), 'reservedBits');
    expectViolation(deflate, [...clientFrame(0x41), ...clientFrame(0xc0)], 'reservedBits');
    expect(decodeEachWay(deflate, bytesOf(clientFrame(0x41, [1]), clientFrame(0x80, [2]))).events).toEqual([
      data(1, false, '01', true, 0x40),
      data(0, true, '02'),
    ]);
  });

  it('T-OP', () => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
      expectViolation(serverRules, clientFrame(0x80 | opcode), 'reservedOpcode');
      expectViolation(serverRules, clientFrame(opcode, [1]), 'reservedOpcode');
    }
  });

  it('T-CTRL', () => {
    const longest = Array.from({ length: 125 }, (_, index) => index);
    for (const opcode of [8, 9, 10]) {
      expectViolation(serverRules, clientFrame(opcode), 'fragmentedControl');
      expectViolation(serverRules, clientFrame(0x80 | opcode, [...longest, 125]), 'longControl');
      expect(decodeEachWay(serverRules, bytesOf(clientFrame(0x80 | opcode, longest))).events).toEqual([
        control(opcode, hex(Uint8Array.from(longest))),
      ]);
      expect(decodeEachWay(serverRules, bytesOf(clientFrame(0x80 | opcode))).events).toEqual([
        control(opcode),
      ]);
    }
  });

  describe('T-MIN', () => {
    const boundaries = [0, 125, 126, 127, 65_535, 65_536].flatMap((length) => [
      { length, form: 2 as const, minimal: length >= 126 },
      { length, form: 8 as const, minimal: length >= 65_536 },
    ]);
    it.each(boundaries.filter(({ length, form }) => form === 8 || length < 65_536))(
      'a length of $length in $form extra bytes',
      ({ length, form, minimal }) => {
        const frame = bytesOf(rawHeader(0x82, BigInt(length), form, zeroKey), new Uint8Array(length));
        if (minimal) {
          expect(decodeEachWay(serverRules, frame).events).toEqual([data(2, true, '00'.repeat(length))]);
        } else {
          expectViolation(serverRules, [...frame.subarray(0, 6 + form)], 'notMinimalLength');
        }
      },
    );

    it('65 536 bytes in 2 extra bytes cannot be said: what is said is 0', () => {
      expectViolation(serverRules, rawHeader(0x82, 65_536n, 2, zeroKey), 'notMinimalLength');
    });
  });

  it('T-LEN', () => {
    for (const length of [2n ** 63n, 2n ** 64n - 1n]) {
      expectViolation(serverRules, rawHeader(0x82, length, 8, zeroKey), 'lengthHighBit');
    }
    for (const length of [1_000_001n, 2n ** 32n + 1n, 2n ** 53n, 2n ** 63n - 1n]) {
      expectViolation(serverRules, rawHeader(0x82, length, 8, zeroKey), 'frameTooBig');
    }
  });

  it('T-MASK-S, T-MASK-C', () => {
    expectViolation(serverRules, [0x82, 1, 7], 'notMasked');
    expectViolation(serverRules, [0x89, 0], 'notMasked');
    expectViolation(clientRules, clientFrame(0x82, [7]), 'masked');
    expectViolation(clientRules, clientFrame(0x88), 'masked');
    const lenient = { ...serverRules, acceptUnmaskedFrames: true };
    expect(decodeEachWay(lenient, bytesOf([0x82, 1, 7], clientFrame(0x82, [7]))).events).toEqual([
      data(2, true, '07', false),
      data(2, true, '07'),
    ]);
  });

  it('T-MASK0', () => {
    expect(decodeEachWay(serverRules, bytesOf(clientFrame(0x81, [0x68, 0x69]))).events).toEqual([
      data(1, true, '6869'),
    ]);
  });

  it('T-FRAG', () => {
    expectViolation(serverRules, clientFrame(0x80), 'unexpectedContinuation');
    expectViolation(serverRules, clientFrame(0x00, [1]), 'unexpectedContinuation');
    for (const next of [0x01, 0x02, 0x81, 0x82]) {
      expectViolation(serverRules, [...clientFrame(0x01, [1]), ...clientFrame(next)], 'unfinishedMessage');
    }
    const message = bytesOf(clientFrame(0x02, [1]), clientFrame(0x00, [2, 3]), clientFrame(0x80));
    const outcome = decodeEachWay(serverRules, message);
    expect(outcome.events).toEqual([data(2, false, '01'), data(0, false, '0203'), data(0, true, '')]);
    expect(outcome.idle).toBe(true);
    expectViolation(serverRules, [...message, ...clientFrame(0x80)], 'unexpectedContinuation');
  });

  it('T-INTERLEAVE', () => {
    const bytes = bytesOf(
      clientFrame(0x01, [1]),
      clientFrame(0x89, [2]),
      clientFrame(0x00),
      clientFrame(0x8a),
      clientFrame(0x80, [3]),
      clientFrame(0x88, [3, 232]),
    );
    expect(decodeEachWay(serverRules, bytes).events).toEqual([
      data(1, false, '01'),
      control(9, '02'),
      data(0, false, ''),
      control(10),
      data(0, true, '03'),
      control(8, '03e8'),
    ]);
  });

  it('T-MEM-4: counts empty fragments too, to the last one allowed', () => {
    const rules = { ...serverRules, maxFragments: 5 };
    const start = clientFrame(0x02);
    const middle = clientFrame(0x00);
    const five = bytesOf(start, middle, middle, middle, clientFrame(0x80), start);
    expect(decodeEachWay(rules, five)).toMatchObject({ unfinished: true, fragments: 1, size: 0 });
    expect(
      decodeEachWay(rules, bytesOf(start, middle, middle, middle, middle, middle)).events.at(-1),
    ).toEqual({
      kind: 'violation',
      name: 'tooManyFragments',
      actual: 6,
    });
  });

  it('adds up the sizes of fragments, and says what the message would have come to', () => {
    const rules = { ...serverRules, maxMessageSize: 5 };
    const good = bytesOf(clientFrame(0x02, [1, 2]), clientFrame(0x00), clientFrame(0x80, [3, 4, 5]));
    expect(violationOf(decodeEachWay(rules, bytesOf(good, good)))).toBeUndefined();
    const bad = bytesOf(clientFrame(0x02, [1, 2]), clientFrame(0x00, [3, 4]), clientFrame(0x80, [5, 6]));
    expect(decodeEachWay(rules, bad).events.at(-1)).toEqual({
      kind: 'violation',
      name: 'messageTooBig',
      actual: 6,
    });
  });
});
