// The client's half of permessage-deflate for the load generator: messages compressed ahead, echoes inflated after.
// Rule: node:zlib only. A ring compressed with takeover may be repeated for ever: its first message refers to
// nothing before itself, and the others only to messages of the same round. RFC 7692 §7.2.
import { constants, createDeflateRaw, createInflateRaw, inflateRawSync } from 'node:zlib';
import type { Deflate } from '../scenarios.ts';

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const SYNC = { finishFlush: constants.Z_SYNC_FLUSH };

/** The offer a browser makes, with or without takeover. */
export function offerFor(deflate: Deflate): string {
  return deflate === 'takeover'
    ? 'permessage-deflate; client_max_window_bits'
    : 'permessage-deflate; client_no_context_takeover; server_no_context_takeover';
}

/** What the server's answer allows the client to do. Throws when it did not agree to compress. */
export function agreed(extensions: string): {
  windowBits: number;
  clientTakeover: boolean;
  serverTakeover: boolean;
} {
  if (!extensions.startsWith('permessage-deflate'))
    throw new Error('The server did not agree to permessage-deflate.');
  const bits = /client_max_window_bits="?(\d+)/.exec(extensions)?.[1];
  return {
    windowBits: bits === undefined ? 15 : Number(bits),
    clientTakeover: !extensions.includes('client_no_context_takeover'),
    serverTakeover: !extensions.includes('server_no_context_takeover'),
  };
}

/** The compressed payloads of the messages, sent in this order over and over. */
export async function compressRing(
  payloads: readonly Buffer[],
  { windowBits, clientTakeover }: { windowBits: number; clientTakeover: boolean },
): Promise<Buffer[]> {
  const compressed: Buffer[] = [];
  let stream = createDeflateRaw({ windowBits });
  for (const payload of payloads) {
    if (!clientTakeover) stream = createDeflateRaw({ windowBits });
    const pieces: Buffer[] = [];
    const collect = (piece: Buffer): void => void pieces.push(piece);
    stream.on('data', collect);
    stream.write(payload);
    await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
    stream.off('data', collect);
    const bytes = Buffer.concat(pieces);
    compressed.push(bytes.subarray(0, bytes.length - TAIL.length));
  }
  return compressed;
}

interface Frame {
  readonly first: number;
  readonly payload: Buffer;
}

/** The whole frames at the start of the bytes. */
export function* framesOf(bytes: Buffer): Generator<Frame> {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = bytes.readUInt8(at + 1) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + head > bytes.length) return;
    const size =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    if (at + head + size > bytes.length) return;
    yield { first: bytes.readUInt8(at), payload: bytes.subarray(at + head, at + head + size) };
    at += head + size;
  }
}

/** Inflates recorded echoes and compares them with the ring. Returns how many were compared; throws at a fault. */
export async function verifyEchoes(
  recorded: Buffer,
  payloads: readonly Buffer[],
  serverTakeover: boolean,
): Promise<number> {
  const inflater = serverTakeover ? createInflateRaw() : undefined;
  let compared = 0;
  for (const { first, payload } of framesOf(recorded)) {
    // A server that pings between two messages does its peers no wrong.
    if ((first & 0x0f) >= 8) continue;
    if ((first & 0xc0) !== 0xc0)
      throw new Error('An echo is not one compressed frame: peers would not do equal work.');
    const whole = Buffer.concat([payload, TAIL]);
    const message = inflater === undefined ? inflateRawSync(whole, SYNC) : await inflateNext(inflater, whole);
    if (!message.equals(payloads[compared % payloads.length] ?? Buffer.alloc(0))) {
      throw new Error('An inflated echo differs from the message that was sent.');
    }
    compared += 1;
  }
  return compared;
}

function inflateNext(inflater: ReturnType<typeof createInflateRaw>, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const collect = (piece: Buffer): void => void pieces.push(piece);
    inflater.on('data', collect);
    inflater.once('error', reject);
    inflater.write(bytes);
    inflater.flush(constants.Z_SYNC_FLUSH, () => {
      inflater.off('data', collect);
      inflater.off('error', reject);
      resolve(Buffer.concat(pieces));
    });
  });
}
