/**
 * An echo server for testing the suite: right by default, wrong in exactly one way when told so.
 *
 * Rule: each flaw is one `if`. It is written over the suite's own frame reader, so it proves the
 * suite's judgement, not its codec; `ws` and the engine's tests do the latter.
 */
import { isUtf8 } from 'node:buffer';
import { createServer, type Socket } from 'node:net';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { faultOf } from '../../autobahn/wire/faults.ts';
import {
  FrameReader,
  type FrameSpec,
  OPCODE,
  type SeenFrame,
  writeFrame,
} from '../../autobahn/wire/frame.ts';
import { acceptValue, field, type Head, HeadReader, headOctets } from '../../autobahn/wire/head.ts';
import { agreeDeflate, type Flaw, refusal } from './flaws.ts';

export type { Flaw };

interface Started {
  readonly opcode: number;
  readonly compressed: boolean;
  readonly parts: Buffer[];
}

/** UTF-8 so far: complete, or cut inside a last character that may still come. */
function mayBecomeUtf8(octets: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(octets, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function deflateMessage(message: Buffer, windowBits: number, before: Buffer | null): Buffer {
  const context = before === null ? {} : { dictionary: before };
  const octets = deflateRawSync(message, { windowBits, finishFlush: constants.Z_SYNC_FLUSH, ...context });
  return octets.subarray(0, octets.length - 4);
}

const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

class Session {
  readonly #socket: Socket;
  readonly #flaw: Flaw | null;
  readonly #deflate: { windowBits: number } | null;
  readonly #reader = new FrameReader();
  #message: Started | null = null;
  #late: FrameSpec[] = [];
  /** The message sent last. */
  #before: Buffer | null = null;
  #done = false;

  constructor(socket: Socket, flaw: Flaw | null, deflate: { windowBits: number } | null) {
    this.#socket = socket;
    this.#flaw = flaw;
    this.#deflate = deflate;
  }

  receive(chunk: Buffer): void {
    try {
      this.#reader.push(chunk, (frame) => this.#frame(frame));
    } catch {
      this.#fail(1009);
    }
  }

  #has(flaw: Flaw): boolean {
    return this.#flaw === flaw;
  }

  #send(spec: FrameSpec): void {
    const long = this.#has('sends long lengths for short frames') ? ({ form: 64 } as const) : {};
    const masked = this.#has('masks its frames') ? ({ mask: 'always' } as const) : {};
    if (this.#socket.writable) this.#socket.write(writeFrame({ ...spec, ...long, ...masked }, false));
  }

  #fail(code: number): void {
    if (this.#done) return;
    this.#close(this.#has('fails with 1000') ? 1000 : code);
  }

  #close(code: number | null): void {
    this.#done = true;
    const payload = Buffer.alloc(code === null ? 0 : 2);
    if (code !== null) payload.writeUInt16BE(code);
    this.#send({ opcode: OPCODE.close, payload });
    if (!this.#has('leaves TCP open after the Close')) this.#socket.end();
  }

  /** What a fault-free reader would say, less what the flaw overlooks. */
  #judge(frame: SeenFrame): string | null {
    const context = { peerMasks: true, deflate: this.#deflate !== null, midMessage: this.#message !== null };
    const seen = { ...frame };
    if (this.#has('ignores RSV bits')) seen.rsv = 0;
    if (this.#has('accepts fragmented control frames') && seen.opcode >= 8) seen.fin = true;
    if (this.#has('accepts unmasked frames')) seen.key ??= Buffer.alloc(4);
    if (this.#has('accepts long lengths for short frames')) seen.form = 7;
    if (this.#has('accepts any close code') && seen.opcode === OPCODE.close) seen.payload = Buffer.alloc(0);
    if (this.#has('answers a Close of one octet with 1000') && seen.payload.length === 1) {
      seen.payload = Buffer.alloc(0);
    }
    const fault = faultOf(seen, context);
    if (this.#has('accepts long control frames') && fault?.includes('longer than 125')) return null;
    if (this.#has('ignores reserved opcodes') && fault?.startsWith('reserved')) return null;
    if (this.#has('accepts stray continuations') && fault === 'a continuation continued nothing') return null;
    return fault;
  }

  #frame(frame: SeenFrame): void {
    if (this.#done) {
      if (this.#has('pongs after the Close') && frame.opcode === OPCODE.ping)
        this.#send({ opcode: OPCODE.pong });
      return;
    }
    const fault = this.#judge(frame);
    if (fault !== null) this.#fail(fault.includes('not UTF-8') ? 1007 : 1002);
    else if (frame.opcode >= 8) this.#control(frame);
    else if (frame.opcode <= 2) this.#data(frame);
  }

  #control(frame: SeenFrame): void {
    if (frame.opcode === OPCODE.close) this.#closed(frame.payload);
    if (frame.opcode === OPCODE.ping) this.#pinged(frame.payload);
    if (frame.opcode === OPCODE.pong && this.#has('answers unsolicited pongs'))
      this.#send({ opcode: OPCODE.pong });
  }

  #pinged(payload: Buffer): void {
    if (this.#has('never pongs')) return;
    const pong = {
      opcode: OPCODE.pong,
      payload: this.#has('pongs with another payload') ? Buffer.from('?') : payload,
    };
    if (this.#has('answers pings after the message') && this.#message !== null) this.#late.push(pong);
    else this.#send(pong);
  }

  #closed(payload: Buffer): void {
    if (this.#has('drops TCP at a Close')) {
      this.#done = true;
      this.#socket.destroy();
    } else if (this.#has('does not echo the Close')) {
      this.#done = true;
    } else {
      const code = payload.length === 0 ? null : payload.length === 1 ? 1000 : payload.readUInt16BE();
      this.#done = this.#has('pongs after the Close');
      if (this.#has('echoes a wrong close code')) this.#close(1001);
      else if (this.#has('pongs after the Close')) setTimeout(() => this.#close(code), 30);
      else this.#close(code);
    }
  }

  #data(frame: SeenFrame): void {
    const fragment = frame.opcode === OPCODE.continuation;
    if (this.#has('delivers fragments as messages')) {
      this.#send({ opcode: fragment ? OPCODE.text : frame.opcode, payload: frame.payload });
      return;
    }
    if (!fragment || this.#message === null) {
      this.#message = {
        opcode: frame.opcode === 0 ? OPCODE.text : frame.opcode,
        compressed: frame.rsv === 4,
        parts: [],
      };
    }
    const message = this.#message;
    message.parts.push(frame.payload);
    if (frame.fin) this.#finish(message);
    else if (this.#badSoFar(message)) this.#fail(1007);
  }

  #badSoFar({ opcode, compressed, parts }: Started): boolean {
    if (opcode !== OPCODE.text || compressed) return false;
    if (this.#has('does not check UTF-8') || this.#has('checks UTF-8 at the end only')) return false;
    return !mayBecomeUtf8(Buffer.concat(parts));
  }

  #finish({ opcode, compressed, parts }: Started): void {
    this.#message = null;
    const payload = Buffer.concat(parts);
    const message = compressed ? this.#inflate(payload) : payload;
    const unchecked = opcode !== OPCODE.text || this.#has('does not check UTF-8');
    if (message === null || !(unchecked || isUtf8(message))) this.#fail(1007);
    else this.#echo(opcode, message);
    for (const pong of this.#late.splice(0)) this.#send(pong);
  }

  /** Every client of the suite may be told to drop its context, so each message stands alone. */
  #inflate(payload: Buffer): Buffer | null {
    try {
      const message = inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH });
      const whole = this.#has('ignores truncated deflate data') || deflateEnds(payload, message.length);
      return whole ? message : null;
    } catch {
      return null;
    }
  }

  #echo(opcode: number, message: Buffer): void {
    if (this.#has('drops messages over 125 octets') && message.length > 125) return;
    const changed = this.#has('loses an octet of long messages') && message.length >= 65536;
    const payload = changed ? message.subarray(1) : message;
    const kind = this.#has('echoes text as binary') ? OPCODE.binary : opcode;
    if (this.#deflate === null) {
      this.#send({ opcode: kind, payload });
    } else {
      const windowBits = this.#has('uses a larger window than agreed') ? 15 : this.#deflate.windowBits;
      const keeps = this.#has('keeps its context though it promised not to');
      const told = this.#has('loses an octet of compressed messages') ? payload.subarray(1) : payload;
      const compressed = deflateMessage(told, windowBits, keeps ? this.#before : null);
      if (message.length > 0) this.#before = message;
      this.#send({ opcode: kind, rsv: 4, payload: compressed });
    }
  }
}

/** The tail must add nothing: without it, the payload already gives the whole message. */
function deflateEnds(payload: Buffer, length: number): boolean {
  try {
    return inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).length === length;
  } catch {
    return false;
  }
}

function open(socket: Socket, head: Head, flaw: Flaw | null): Session | null {
  const refused = refusal(head, flaw);
  if (refused !== null) {
    socket.end(headOctets([`HTTP/1.1 ${refused}`, 'Content-Length: 0', 'Connection: close']));
    return null;
  }
  const deflate = agreeDeflate(head, flaw);
  const answer = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptValue(field(head, 'sec-websocket-key') ?? '')}`,
  ];
  if (deflate !== null) answer.push(`Sec-WebSocket-Extensions: ${deflate.text}`);
  socket.write(headOctets(answer));
  return new Session(socket, flaw, deflate);
}

export interface FlawedPeer {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback interface. */
export function flawedPeer(flaw: Flaw | null): Promise<FlawedPeer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const reader = new HeadReader();
    let session: Session | null = null;
    let opened = false;
    socket.on('data', (chunk: Buffer) => {
      if (opened) return session?.receive(chunk);
      const read = reader.push(chunk);
      if (read === null) return;
      opened = true;
      session = open(socket, read.head, flaw);
      session?.receive(read.rest);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      const close = (): Promise<void> =>
        new Promise((closed) => {
          for (const socket of sockets) socket.destroy();
          server.close(() => closed());
        });
      resolve({ url: `ws://127.0.0.1:${address.port}/`, close });
    });
  });
}
