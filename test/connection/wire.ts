/**
 * A wire in the hands of a test: a transport that records what is written, feeds what the test says, and a clock
 * that moves only when told. Its frames are made and read by a codec of its own, so that no fault of the engine's
 * codec can hide.
 */
import { Connection } from '../../src/connection/connection.ts';
import { Environment, type Host } from '../../src/connection/environment.ts';
import type { Life } from '../../src/connection/life.ts';
import type { ByteTransport, Runtime, TransportListener } from '../../src/connection/port.ts';
import type { Closure, ConnectionSettings, Role } from '../../src/connection/types.ts';
import type {
  ExtensionSession,
  InboundDone,
  LentBytes,
  LentMessage,
  OutboundDone,
} from '../../src/extension/types.ts';
import { runtime as node } from '../../src/framework/runtime.ts';

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

export interface FrameShape {
  readonly fin?: boolean;
  readonly rsv?: number;
  /** Masking key; null for none. */
  readonly key?: readonly [number, number, number, number] | null;
}

/** A frame as a peer would send it, masked unless told otherwise. */
export function frame(code: number, payload: string | Uint8Array = '', shape: FrameShape = {}): Buffer {
  const { fin = true, rsv = 0, key = [0x12, 0x34, 0x56, 0x78] } = shape;
  const body = Buffer.from(payload);
  const head = [(fin ? 0x80 : 0) | rsv | code];
  const bit = key === null ? 0 : 0x80;
  const { length } = body;
  if (length < 126) head.push(bit | length);
  else if (length < 65_536) head.push(bit | 126, length >> 8, length & 255);
  else
    head.push(bit | 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
  if (key !== null) {
    head.push(...key);
    for (let index = 0; index < length; index += 1) body[index] = (body[index] ?? 0) ^ (key[index % 4] ?? 0);
  }
  return Buffer.concat([Buffer.from(head), body]);
}

/** The payload of a Close frame. */
export const closing = (code: number, reason = ''): Buffer =>
  Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);

/** Reads whole frames. Throws when the bytes do not end at the end of one. */
export function framesOf(bytes: Uint8Array): Frame[] {
  const all = Buffer.from(bytes);
  const frames: Frame[] = [];
  let at = 0;
  while (at < all.length) {
    const first = all.readUInt8(at);
    const second = all.readUInt8(at + 1);
    at += 2;
    let length = second & 127;
    if (length === 126) {
      length = all.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(all.readBigUInt64BE(at));
      at += 8;
    }
    const masked = second >= 128;
    const key = masked ? all.subarray(at, at + 4) : Buffer.alloc(4);
    if (masked) at += 4;
    if (at + length > all.length) throw new Error('a frame is cut off');
    const payload = Buffer.from(all.subarray(at, at + length));
    for (let index = 0; index < length; index += 1)
      payload[index] = (payload[index] ?? 0) ^ (key[index % 4] ?? 0);
    at += length;
    frames.push({ fin: first >= 128, rsv: first & 0x70, opcode: first & 15, masked, payload });
  }
  return frames;
}

export class Wire implements ByteTransport {
  /** What was written, one entry per write. */
  readonly writes: Buffer[] = [];
  /** Whether writes wait instead of leaving. */
  congested = false;
  bufferedAmount = 0;
  paused = false;
  pauses = 0;
  resumes = 0;
  ended = false;
  destroyed = false;
  #listener: TransportListener | undefined;

  attach(listener: TransportListener): void {
    this.#listener = listener;
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.destroyed || this.ended) return false;
    const bytes = Buffer.concat(parts);
    this.writes.push(bytes);
    if (this.congested) this.bufferedAmount += bytes.length;
    return !this.congested;
  }

  pause(): void {
    this.paused = true;
    this.pauses += 1;
  }

  resume(): void {
    this.paused = false;
    this.resumes += 1;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  // ---- the test's side -------------------------------------------------------------------------------------------

  get peer(): TransportListener {
    if (this.#listener === undefined) throw new Error('nobody listens');
    return this.#listener;
  }

  feed(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.peer.data(Buffer.from(chunk));
  }

  /** The system takes all that waits, and from now on everything at once. */
  relieve(): void {
    this.congested = false;
    this.takeAll();
  }

  /** The system takes all that waits, once. */
  takeAll(): void {
    this.bufferedAmount = 0;
    this.peer.drained();
  }

  get sent(): Frame[] {
    return framesOf(Buffer.concat(this.writes));
  }
}

export const settings: ConnectionSettings = {
  maxFrameSize: 1_048_576,
  maxMessageSize: 1_048_576,
  maxFragments: 16_384,
  acceptUnmaskedFrames: false,
  writeBufferSize: 131_072,
  maxWriteBufferSize: 1_048_576,
  overflow: 'wait',
  pingInterval: Infinity,
  pingTimeout: Infinity,
  idleTimeout: Infinity,
  sessionTimeout: Infinity,
  closeTimeout: 5_000,
};

export const server: Role = { peerMasks: true, closesTransport: true, nextMaskKey: undefined };
export const client: Role = { peerMasks: false, closesTransport: false, nextMaskKey: () => 0x0a_0b_0c_0d };

/** A runtime whose time stands still. */
export function handDriven(): { runtime: Runtime; time: { now: number } } {
  const time = { now: 1_000 };
  const runtime: Runtime = {
    ...node,
    now: () => time.now,
    preciseNow: () => time.now,
    isSpent: () => false,
    getInLine: node.later,
  };
  return { runtime, time };
}

/** Nobody who is told of anything. */
export const nobody: Host = { rearm: () => {}, closed: () => {} };

/** What an opening handshake settled that had nothing to settle. */
export const noFacts = { subprotocol: undefined, extensions: [], request: undefined };

export interface Opened {
  readonly connection: Connection;
  readonly protocol: Life;
  readonly wire: Wire;
  readonly time: { now: number };
  /** Every closure that was reported: there must never be two. */
  readonly closures: Closure[];
  /** The deadline that the connection asked to be woken at last. */
  readonly armed: { at: number };
  /** Moves the clock and wakes the connection. */
  wake(milliseconds: number): void;
}

export function open(
  options: {
    role?: Role;
    session?: ExtensionSession;
    settings?: Partial<ConnectionSettings>;
    runtime?: Partial<Runtime>;
  } = {},
): Opened {
  const wire = new Wire();
  const { runtime: standard, time } = handDriven();
  const runtime = { ...standard, ...options.runtime };
  const closures: Closure[] = [];
  const armed = { at: Infinity };
  const environment = new Environment(
    runtime,
    options.role ?? server,
    { ...settings, ...options.settings },
    {
      rearm: (_, deadline) => {
        armed.at = deadline;
      },
      closed: (_, closure) => void closures.push(closure),
    },
  );
  const connection = new Connection(wire, environment, noFacts, options.session);
  const protocol = Connection.lifeOf(connection);
  protocol.start();
  const wake = (milliseconds: number): void => {
    time.now += milliseconds;
    protocol.tick(time.now);
    armed.at = protocol.deadline();
  };
  return { connection, protocol, wire, time, closures, armed, wake };
}

/** Lets everything that is due in this turn, and the promises behind it, happen. */
export async function turn(): Promise<void> {
  for (let index = 0; index < 2; index += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** How a promise stands after a turn. */
export async function standing(promise: Promise<unknown>): Promise<'pending' | 'resolved' | Error> {
  let state: 'pending' | 'resolved' | Error = 'pending';
  promise.then(
    () => {
      state = 'resolved';
    },
    (error: unknown) => {
      state = error instanceof Error ? error : new Error(String(error));
    },
  );
  await turn();
  return state;
}

/** Takes everything that is queued. `null` at the end stands for the end of the connection. */
export function taken(connection: Connection): (string | Uint8Array | null)[] {
  const messages: (string | Uint8Array | null)[] = [];
  for (let next = connection.tryRecv(); next !== undefined; next = connection.tryRecv()) {
    messages.push(next);
    if (next === null) break;
  }
  return messages;
}

/** An extension that turns every byte around (XOR 0xff), and answers when the test says so. */
export class LateSession implements ExtensionSession {
  readonly rsv = 0x40;
  disposals = 0;
  readonly inbounds: { payload: Uint8Array; done: InboundDone }[] = [];
  readonly outbounds: { payload: Uint8Array; done: OutboundDone }[] = [];
  /** Whether it answers before the call returns. */
  prompt = false;

  wants(_length: number, wish: boolean | undefined): boolean {
    return wish !== false;
  }

  inbound(payload: Uint8Array, _limit: number, done: InboundDone): void {
    if (this.prompt) done(undefined, turnedAround(payload));
    else this.inbounds.push({ payload, done });
  }

  outbound(payload: Uint8Array, done: OutboundDone): void {
    if (this.prompt) done(turnedAround(payload));
    else this.outbounds.push({ payload, done });
  }

  dispose(): void {
    this.disposals += 1;
    this.inbounds.length = 0;
    this.outbounds.length = 0;
  }

  /** Answers the oldest inbound call. */
  answerInbound(): void {
    const call = this.inbounds.shift();
    call?.done(undefined, turnedAround(call.payload));
  }

  /** Answers the oldest outbound call. */
  answerOutbound(): void {
    const call = this.outbounds.shift();
    call?.done(turnedAround(call.payload));
  }
}

/** One that has a short way for what fits its memory, which it uses again for each message. */
export class ShortWaySession extends LateSession {
  readonly #memory = Buffer.alloc(65_536);

  inboundNow(chunk: Uint8Array, start: number, end: number): LentBytes | undefined {
    return this.#lent(turnedAround(chunk.subarray(start, end)));
  }

  outboundNow(message: string | Uint8Array): LentMessage | undefined {
    return this.#lent(turnedAround(message));
  }

  #lent(made: Uint8Array): LentMessage | undefined {
    if (made.length > this.#memory.length) return undefined;
    const start = this.#memory.length - made.length;
    this.#memory.set(made, start);
    return {
      bytes: this.#memory,
      start,
      end: this.#memory.length,
      isAscii: made.every((byte) => byte < 0x80),
      taken: false,
    };
  }
}

export const turnedAround = (bytes: Uint8Array | string): Buffer =>
  Buffer.from(Buffer.from(bytes).map((byte) => byte ^ 0xff));
