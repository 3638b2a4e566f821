/** A walk over the violation table: each row is well-formed, documented here, and raised by real bytes. */
import { describe, expect, it } from 'vitest';
import { decodeClosePayload, maxReasonSize } from '../../src/frame/close.ts';
import { encodeFrame } from '../../src/frame/encoder.ts';
import { ProtocolError } from '../../src/frame/errors.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import { isUtf8 } from '../../src/frame/utf8.ts';
import { type ViolationName, violations } from '../../src/frame/violations.ts';
import { clientFrame, clientRules, decodeEachWay, rawHeader, serverRules, violationOf } from './recorder.ts';

interface Row {
  readonly closeCode: number;
  readonly section: string;
  /** What a peer sends, from its first byte. */
  readonly bytes: readonly number[];
  readonly rules?: FrameRules;
}

const key = [0x11, 0x22, 0x33, 0x44];

/** Raised by the decoder, at the header. */
const atTheHeader = {
  reservedBits: { closeCode: 1002, section: 'RFC 6455 §5.2', bytes: clientFrame(0xc1) },
  reservedOpcode: { closeCode: 1002, section: 'RFC 6455 §5.2', bytes: clientFrame(0x83) },
  fragmentedControl: { closeCode: 1002, section: 'RFC 6455 §5.5', bytes: clientFrame(0x09) },
  longControl: { closeCode: 1002, section: 'RFC 6455 §5.5', bytes: rawHeader(0x89, 126n, 2, key) },
  notMinimalLength: { closeCode: 1002, section: 'RFC 6455 §5.2', bytes: rawHeader(0x82, 125n, 2, key) },
  lengthHighBit: { closeCode: 1002, section: 'RFC 6455 §5.2', bytes: rawHeader(0x82, 2n ** 63n, 8, key) },
  notMasked: { closeCode: 1002, section: 'RFC 6455 §5.1', bytes: rawHeader(0x82, 0n, 0) },
  masked: {
    closeCode: 1002,
    section: 'RFC 6455 §5.1',
    bytes: clientFrame(0x82),
    rules: clientRules,
  },
  unexpectedContinuation: { closeCode: 1002, section: 'RFC 6455 §5.4', bytes: clientFrame(0x80) },
  unfinishedMessage: {
    closeCode: 1002,
    section: 'RFC 6455 §5.4',
    bytes: [...clientFrame(0x01), ...clientFrame(0x81)],
  },
  frameTooBig: {
    closeCode: 1009,
    section: 'RFC 6455 §10.4',
    bytes: rawHeader(0x82, 1_000_001n, 8, key),
  },
  messageTooBig: {
    closeCode: 1009,
    section: 'RFC 6455 §10.4',
    bytes: [...clientFrame(0x02, [1]), ...clientFrame(0x80, [2])],
    rules: { ...serverRules, maxMessageSize: 1 },
  },
  tooManyFragments: {
    closeCode: 1008,
    section: 'RFC 6455 §10.4',
    bytes: [...clientFrame(0x02), ...clientFrame(0x00)],
    rules: { ...serverRules, maxFragments: 1 },
  },
} satisfies Partial<Record<ViolationName, Row>>;

/** Raised for the payload of a Close frame. */
const inClosePayload = {
  closePayloadLength: { closeCode: 1002, section: 'RFC 6455 §5.5.1', bytes: clientFrame(0x88, [3]) },
  closeCode: { closeCode: 1002, section: 'RFC 6455 §7.4', bytes: clientFrame(0x88, [3, 237]) },
  closeReasonUtf8: { closeCode: 1007, section: 'RFC 6455 §8.1', bytes: clientFrame(0x88, [3, 232, 0xc0]) },
} satisfies Partial<Record<ViolationName, Row>>;

/** Raised for the payload of a message, by whoever puts messages together. */
const inMessage = {
  textUtf8: { closeCode: 1007, section: 'RFC 6455 §8.1', bytes: clientFrame(0x81, [0x41, 0xff]) },
  extensionData: { closeCode: 1007, section: 'RFC 7692 §7.2.2', bytes: clientFrame(0xc2, [0x06]) },
} satisfies Partial<Record<ViolationName, Row>>;

const table: Record<ViolationName, Row> = { ...atTheHeader, ...inClosePayload, ...inMessage };

const isName = (text: string): text is ViolationName => Object.hasOwn(table, text);

/** The payload of the one frame in `bytes`. */
function payloadOf({ bytes }: Row, rsv = 0): Uint8Array {
  const [event] = decodeEachWay({ ...serverRules, rsv }, Uint8Array.from(bytes)).events;
  if (event === undefined || event.kind === 'violation') throw new Error('the frame itself is refused');
  return Buffer.from(event.payload, 'hex');
}

describe('the violation table', () => {
  it('has the rows that stand here, no more and no fewer', () => {
    expect(Object.keys(violations).sort()).toEqual(Object.keys(table).sort());
    expect(Object.isFrozen(violations)).toBe(true);
  });

  it.each(Object.entries(table))('%s: code, section, and a text that fits a Close frame', (name, row) => {
    const violation = Object.entries(violations).find(([known]) => known === name)?.[1];
    expect(violation?.closeCode).toBe(row.closeCode);
    expect(violation?.rfc).toBe(row.section);
    expect(violation?.text).toMatch(/^[\x20-\x7e]+$/);
    expect(violation?.text.length).toBeLessThanOrEqual(maxReasonSize);
  });

  it.each(Object.keys(violations).filter(isName))('%s becomes an error that says the same', (name) => {
    const error = new ProtocolError(name);
    expect(error.violation).toBe(name);
    expect(error.closeCode).toBe(table[name].closeCode);
    expect(error.message).toBe(`${violations[name].text} (${table[name].section})`);
  });

  it('has no text twice', () => {
    const texts = Object.values(violations).map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('each violation is raised by bytes', () => {
  it.each(Object.entries(atTheHeader))('%s, by the decoder', (name, row: Row) => {
    expect(violationOf(decodeEachWay(row.rules ?? serverRules, Uint8Array.from(row.bytes)))).toBe(name);
  });

  it.each(Object.entries(inClosePayload))('%s, for a Close payload', (name, row) => {
    expect(decodeClosePayload(payloadOf(row))).toBe(name);
  });

  it('textUtf8, for text that isUtf8 refuses', () => {
    expect(isUtf8(payloadOf(inMessage.textUtf8))).toBe(false);
  });

  it('extensionData, for bits that an extension cannot read; the codec only hands them on', () => {
    expect([...payloadOf(inMessage.extensionData, 0x40)]).toEqual([0x06]);
  });

  it('and none of them by frames as they should be', () => {
    const good = Uint8Array.from([
      ...encodeFrame(1, Buffer.from('é'), { key: 1, fin: false }),
      ...encodeFrame(9, new Uint8Array(125), { key: 2 }),
      ...encodeFrame(0, new Uint8Array(126), { key: 3 }),
      ...encodeFrame(8, Uint8Array.of(3, 232), { key: 4 }),
    ]);
    expect(violationOf(decodeEachWay(serverRules, good))).toBeUndefined();
  });
});
