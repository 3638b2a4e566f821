// The bytes of the attacks, made once per process.
// Rule: whoever sends them needs no state; a flood repeats the second part for ever.
import { deflateRawSync } from 'node:zlib';
import { frame, frameHeader, requestHead } from '../network/raw.ts';
import { type PayloadName, tinyFragments } from './attack.ts';

export interface Payload {
  readonly once: Buffer;
  readonly repeated: Buffer;
}

const nothing: Buffer = Buffer.alloc(0);
const mebibyte = 1_048_576;

const repeat = (bytes: Buffer, size: number): Buffer =>
  Buffer.concat(Array.from({ length: Math.ceil(size / bytes.length) }, () => bytes));

const once = (bytes: Buffer): Payload => ({ once: bytes, repeated: nothing });
const again = (bytes: Buffer, first = nothing): Payload => ({ once: first, repeated: bytes });

/** A compressed message (RFC 7692 §7.2.1) of so many zeros. */
function compressedZeros(size: number): Buffer {
  const deflated = deflateRawSync(Buffer.alloc(size), { finishFlush: 2 });
  return frame(0xc2, deflated.subarray(0, -4));
}

const fields = (count: number): string =>
  Array.from({ length: count }, (_, number) => `X-Field-${number}: ${number}\r\n`).join('');

const payloads: Readonly<Record<PayloadName, () => Payload>> = {
  tinyFragments: () =>
    once(Buffer.concat([frame(0x02, 'x'), repeat(frame(0x00, 'x'), 7 * (tinyFragments - 1))])),
  frameHeader: () => once(frameHeader(0x82, mebibyte)),
  declaredFrame: () => once(Buffer.concat([frameHeader(0x82, mebibyte), Buffer.from('x')])),
  emptyFragments: () => again(repeat(frame(0x00, ''), 65_536), frame(0x02, '')),
  emptyFrames: () => again(repeat(frame(0x82, ''), 65_536)),
  pings: () => again(repeat(frame(0x89, Buffer.alloc(125, 'p')), 65_536)),
  bomb: () => again(compressedZeros(64 * mebibyte)),
  bombAtLimit: () => again(repeat(compressedZeros(mebibyte), 16_384)),
  violation: () => again(frame(0x83, 'reserved opcode')),
  longHead: () => again(Buffer.from(requestHead('/swallow', `X-Long: ${'a'.repeat(20_480)}\r\n`))),
  manyFields: () => again(Buffer.from(requestHead('/swallow', fields(3_000)))),
};

const made = new Map<PayloadName, Payload>();

export function payloadOf(name: PayloadName): Payload {
  const known = made.get(name);
  if (known !== undefined) return known;
  const payload = payloads[name]();
  made.set(name, payload);
  return payload;
}
