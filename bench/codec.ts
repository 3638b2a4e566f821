// The codec by itself, without sockets: framewright's against the one of `ws`, with and without bufferutil.
// Run it with: npx tsx bench/codec.ts [FILTER], FILTER being part of a group's name.
// Rule: both sides get the same bytes and make something of every message that a reader could keep.
import { isUtf8 as nativeIsUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import { bench, do_not_optimize, group, run, summary } from 'mitata';
import {
  createHeader,
  decodeHeader,
  encodeFrame,
  FrameDecoder,
  type FrameRules,
  type FrameSink,
  isUtf8,
  mask,
  opcodes,
  Utf8Validator,
} from '../src/frame/index.ts';
import { maskedFrame } from './load/frames.ts';
import { payloadRing } from './load/payloads.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const sizeName = (size: number): string =>
  size < KiB ? `${size} B` : size < MiB ? `${size / KiB} KiB` : `${size / MiB} MiB`;

interface WsReceiver {
  write(chunk: Buffer): boolean;
  on(event: 'message', listener: (data: Buffer) => void): void;
}

interface WsCodec {
  readonly name: string;
  readonly Receiver: new (options: object) => WsReceiver;
  readonly Sender: { frame(data: Buffer, options: object): Buffer[] };
  readonly unmask: (bytes: Buffer, key: Buffer) => void;
}

/** The package decides once, while it loads, whether it uses bufferutil: so it is loaded twice. */
function loadWs(native: boolean): WsCodec {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('ws');
  const folder = entry.slice(0, -'index.js'.length);
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  const env: { WS_NO_BUFFER_UTIL?: string } = process.env;
  if (native) delete env.WS_NO_BUFFER_UTIL;
  else env.WS_NO_BUFFER_UTIL = '1';
  const { Receiver, Sender }: Pick<WsCodec, 'Receiver' | 'Sender'> = require(entry);
  const { unmask }: Pick<WsCodec, 'unmask'> = require(`${folder}lib/buffer-util.js`);
  return { name: native ? 'ws + bufferutil' : 'ws', Receiver, Sender, unmask };
}

const wsCodecs = [loadWs(false), loadWs(true)];

const rules: FrameRules = {
  peerMasks: true,
  acceptUnmaskedFrames: false,
  rsv: 0,
  maxFrameSize: 64 * MiB,
  maxMessageSize: 64 * MiB,
  maxFragments: 1024,
};

const binaryFrames = (size: number): Buffer[] =>
  payloadRing({ size, form: 'binary' }).map((bytes) => maskedFrame(bytes, { opcode: opcodes.binary }));

/** A chunk as a busy socket delivers it: 64 KiB of whole frames, or one frame that is larger. */
function chunkOf(size: number): { chunk: Buffer; frames: number } {
  const ring = binaryFrames(size);
  const frames = Math.max(1, Math.floor((64 * KiB) / (ring[0]?.length ?? 1)));
  const chunk = Buffer.concat(
    Array.from({ length: frames }, (_, index) => ring[index % ring.length] ?? ring[0] ?? Buffer.alloc(0)),
  );
  return { chunk, frames };
}

function benchHeaders(): void {
  for (const size of [20, 125, KiB, 64 * KiB]) {
    const [frame = Buffer.alloc(0)] = binaryFrames(size);
    const header = createHeader();
    bench(`decodeHeader, ${sizeName(size)} payload`, () =>
      do_not_optimize(decodeHeader(frame, 0, frame.length, header)),
    );
  }
}

function benchUnmask(size: number, offset: number): void {
  const bytes = Buffer.alloc(size + 4, 7);
  const view = bytes.subarray(offset, offset + size);
  const key = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  const word = key.readInt32LE(0);
  bench('framewright', () => do_not_optimize(mask(bytes, offset, offset + size, word))).baseline(true);
  for (const { name, unmask } of wsCodecs) bench(name, () => unmask(view, key));
}

function benchParse(size: number): void {
  const { chunk, frames } = chunkOf(size);
  // Unmasking in place changes the payload and leaves the headers alone, so a chunk can be parsed again and again.
  let seen: Uint8Array = chunk;
  const pieces: Uint8Array[] = [];
  const sink: FrameSink = {
    dataFrame: (_opcode, _fin, _rsv, from, start, end) => {
      seen = from.subarray(start, end);
    },
    dataStart: () => {
      pieces.length = 0;
    },
    dataPiece: (from, start, end) => void pieces.push(from.subarray(start, end)),
    dataEnd: () => {},
    controlFrame: () => {},
    violation: (name) => {
      throw new Error(name);
    },
  };
  const decoder = new FrameDecoder(rules, sink);
  bench(`framewright, ${frames} per chunk`, () => do_not_optimize(decoder.push(chunk))).baseline(true);
  for (const { name, Receiver } of wsCodecs) {
    const receiver = new Receiver({ isServer: true, maxPayload: 64 * MiB });
    receiver.on('message', (data) => {
      seen = data;
    });
    bench(`${name}, ${frames} per chunk`, () => do_not_optimize(receiver.write(chunk)));
  }
  do_not_optimize(seen);
}

function benchEncode(size: number, masked: boolean): void {
  const [payload = Buffer.alloc(0)] = payloadRing({ size, form: 'binary' });
  const options = masked ? { key: 0x12345678 } : {};
  bench('framewright', () => do_not_optimize(encodeFrame(opcodes.binary, payload, options))).baseline(true);
  const shape = { fin: true, rsv1: false, opcode: opcodes.binary, mask: masked, readOnly: true };
  for (const { name, Sender } of wsCodecs) {
    // ws leaves header and payload apart; a frame in one piece is what both sides are asked for.
    bench(name, () => do_not_optimize(Buffer.concat(Sender.frame(payload, { ...shape }))));
  }
}

function benchUtf8(size: number, form: 'ascii' | 'multibyte'): void {
  const [text = Buffer.alloc(0)] = payloadRing({ size, form });
  const validator = new Utf8Validator(nativeIsUtf8);
  bench('Utf8Validator over isUtf8', () => {
    validator.reset();
    do_not_optimize(validator.push(text) && validator.complete);
  }).baseline(true);
  bench('isUtf8 in TypeScript', () => do_not_optimize(isUtf8(text)));
  bench('node:buffer isUtf8', () => do_not_optimize(nativeIsUtf8(text)));
}

const filter = process.argv[2] ?? '';
function section(name: string, define: () => void): void {
  if (name.includes(filter)) group(name, () => summary(define));
}

section('header', benchHeaders);
for (const size of [8, 32, 125, KiB, 16 * KiB, 64 * KiB, MiB, 16 * MiB]) {
  for (const offset of [0, 1, 2, 3]) {
    section(`unmask ${sizeName(size)} at offset ${offset}`, () => benchUnmask(size, offset));
  }
}
for (const size of [20, 125, KiB, 16 * KiB, 64 * KiB, MiB]) {
  section(`parse ${sizeName(size)} frames`, () => benchParse(size));
}
for (const size of [20, 125, KiB, 64 * KiB]) {
  section(`encode ${sizeName(size)}, not masked`, () => benchEncode(size, false));
  section(`encode ${sizeName(size)}, masked`, () => benchEncode(size, true));
}
for (const size of [20, 125, KiB, 64 * KiB]) {
  section(`utf-8 ${sizeName(size)} ascii`, () => benchUtf8(size, 'ascii'));
  section(`utf-8 ${sizeName(size)} multi-byte`, () => benchUtf8(size, 'multibyte'));
}
await run();
