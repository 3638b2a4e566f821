/**
 * Frames that a peer could send and our own engine never would, beside some that it would (RFC 6455 §5).
 *
 * The rule of this file: a name and bytes; what they mean to the receiver is for the reference decoder to say.
 */

/** A frame with any first byte; masked when it goes to a server. */
function frame(first: number, payload: string | Uint8Array, masked: boolean, claims?: number): Uint8Array {
  const bytes = Buffer.from(payload);
  const length = claims ?? bytes.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  const key = Buffer.of(0x37, 0xfa, 0x21, 0x3d);
  if (!masked) return Buffer.concat([head, bytes]);
  const hidden = Buffer.from(bytes.map((byte, index) => byte ^ (key[index % 4] ?? 0)));
  return Buffer.concat([head, key, hidden]);
}

const close = (code: number, reason: string | Uint8Array = ''): Uint8Array =>
  Buffer.concat([Buffer.of(code >>> 8, code), Buffer.from(reason)]);

/** Sequences of frames, by name. `masked` is what the receiver demands. */
export const injections: Readonly<Record<string, (masked: boolean) => Uint8Array>> = {
  text: (masked) => frame(0x81, 'injected ä€😀', masked),
  binary: (masked) => frame(0x82, Buffer.alloc(300, 7), masked),
  'empty text': (masked) => frame(0x81, '', masked),
  ping: (masked) => frame(0x89, 'injected', masked),
  'ping of 125 bytes': (masked) => frame(0x89, Buffer.alloc(125), masked),
  'pong that nobody asked for': (masked) => frame(0x8a, 'injected', masked),
  'many pings': (masked) => Buffer.concat(Array.from({ length: 40 }, () => frame(0x89, 'many', masked))),
  'fragments around a ping': (masked) =>
    Buffer.concat([
      frame(0x01, 'one, ', masked),
      frame(0x89, 'between', masked),
      frame(0x00, '', masked),
      frame(0x80, 'two', masked),
    ]),
  'close 1000': (masked) => frame(0x88, close(1000), masked),
  'close 4999 with a reason': (masked) => frame(0x88, close(4999, 'grüße'), masked),
  'close without a code': (masked) => frame(0x88, '', masked),
  'data behind a close': (masked) =>
    Buffer.concat([frame(0x88, close(1001), masked), frame(0x81, 'too late', masked)]),
  'reserved bit': (masked) => frame(0xa1, 'x', masked),
  'reserved opcode': (masked) => frame(0x83, 'x', masked),
  'reserved control opcode': (masked) => frame(0x8b, 'x', masked),
  'fragmented ping': (masked) => frame(0x09, 'x', masked),
  'long ping': (masked) => frame(0x89, Buffer.alloc(126), masked),
  'wrong masking': (masked) => frame(0x81, 'x', !masked),
  'continuation of nothing': (masked) => frame(0x80, 'x', masked),
  'begun message': (masked) => frame(0x01, 'never finished', masked),
  'bad text': (masked) => frame(0x81, Buffer.of(0x61, 0xff), masked),
  'bad text in the first fragment': (masked) => frame(0x01, Buffer.of(0xc0, 0xaf), masked),
  'close of one byte': (masked) => frame(0x88, 'x', masked),
  'close 1005': (masked) => frame(0x88, close(1005), masked),
  'close 999': (masked) => frame(0x88, close(999), masked),
  'close with a bad reason': (masked) => frame(0x88, close(1000, Buffer.of(0xe2, 0x82)), masked),
  'claim of 2 MiB': (masked) => frame(0x82, '', masked, 2_097_152),
  'claim of half a frame': (masked) => frame(0x82, 'half', masked, 100),
  'half a header': (masked) => frame(0x82, Buffer.alloc(200), masked).subarray(0, 3),
  'too many fragments': (masked) =>
    Buffer.concat([frame(0x02, 'x', masked), ...Array.from({ length: 30 }, () => frame(0x00, 'x', masked))]),
  'message beyond the limit': (masked) =>
    Buffer.concat([
      frame(0x02, Buffer.alloc(25_000), masked),
      frame(0x00, Buffer.alloc(15_000), masked),
      frame(0x80, Buffer.of(1), masked),
    ]),
};

/** Those that leave a frame unfinished, which then takes in what follows: the same as a broken wire. */
export const cutOff: ReadonlySet<string> = new Set(['claim of half a frame', 'half a header']);
