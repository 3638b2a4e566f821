/**
 * The payload of a Close frame (RFC 6455 §5.5.1, §7.4).
 *
 * The rule of this file: what is accepted is judged anew here, by the numbers of the registry and Node's UTF-8 check.
 */
import { isUtf8 as native } from 'node:buffer';
import { decodeClosePayload, encodeClosePayload } from '../../src/frame/close.ts';
import { Utf8Validator } from '../../src/frame/utf8.ts';
import type { Random } from '../random.ts';
import { demand, demandEqual, type FuzzTarget } from '../target.ts';

const texts = ['', 'bye', 'grüße', '€'.repeat(41), 'x'.repeat(123), '\u{10ffff}\0\u{feff}', '😀'] as const;

function generateClose(random: Random): Uint8Array {
  const text = Buffer.from(random.pick(texts));
  const bytes = Buffer.concat([Buffer.of(random.bits(), random.bits()), text]);
  if (!random.once(4)) bytes.writeUInt16BE(990 + random.below(random.once(2) ? 40 : 4_100));
  if (random.once(3) && bytes.length > 2) bytes[2 + random.below(bytes.length - 2)] = random.bits();
  return random.once(6) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

function expectedOf(input: Uint8Array): unknown {
  if (input.length === 0) return { code: 1005, reason: '' };
  if (input.length === 1) return 'closePayloadLength';
  const code = Buffer.from(input).readUInt16BE();
  const registered = code >= 1000 && code < 1015 && code !== 1004 && code !== 1005 && code !== 1006;
  if (!registered && (code < 3000 || code > 4999)) return 'closeCode';
  const reason = Buffer.from(input).subarray(2);
  return native(reason) ? { code, reason: reason.toString() } : 'closeReasonUtf8';
}

export const closeTarget: FuzzTarget = {
  name: 'close-payload',
  property:
    'code and reason as the registry and buffer.isUtf8 judge them; encode(decode(x)) = x; UTF-8 however cut',
  generate: generateClose,
  check(input, random) {
    const read = decodeClosePayload(input);
    demandEqual(read, expectedOf(input), 'read and expected');
    if (typeof read !== 'string' && read.code !== 1005) {
      demandEqual([...encodeClosePayload(read.code, read.reason)], [...input], 'encode(decode(x)) and x');
    }
    const validator = new Utf8Validator(random.once(2) ? native : undefined);
    let valid = true;
    let from = 0;
    for (const edge of [...random.cuts(input.length), input.length]) {
      valid &&= validator.push(input, from, edge);
      from = edge;
    }
    demand((valid && validator.complete) === native(input), 'UTF-8 in pieces is judged otherwise');
  },
};
