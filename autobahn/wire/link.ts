/**
 * One open connection of the suite: writes frames as told, turns what comes back into events, and
 * does its own half of the closing handshake.
 *
 * Rule: it never hides what the peer did. Each frame, fault, Close and end of TCP is recorded for
 * the judge; only pings are answered without being an event. RFC 6455 §5.5, §7.1.
 */
import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { DeflateSession } from './deflate.ts';
import { faultOf } from './faults.ts';
import { FrameReader, type FrameSpec, OPCODE, type SeenFrame, writeFrame } from './frame.ts';
import type { WireLog } from './log.ts';
import { patience } from './patience.ts';

/** The suite's own role on a connection; the peer under test has the other one. */
export type Side = 'client' | 'server';

export type SeenEvent =
  | { readonly kind: 'message'; readonly binary: boolean; readonly payload: Buffer }
  | { readonly kind: 'pong'; readonly payload: Buffer }
  | { readonly kind: 'timeout'; readonly tag: string };

export interface PeerClose {
  readonly code: number | null;
  readonly reason: string;
}

export interface LinkOptions {
  readonly side: Side;
  readonly log: WireLog;
  readonly deflate: DeflateSession | null;
  /** Milliseconds a peer gets to end TCP once both Close frames have passed. */
  readonly dropGrace: number;
}

/** How a run of frames is cut on the wire: one write, a write per frame, or writes of n octets. */
export type Chop = 'whole' | 'frames' | number;

const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Link {
  readonly events: SeenEvent[] = [];
  readonly log: WireLog;
  readonly side: Side;
  readonly deflate: DeflateSession | null;
  /** TCP has ended, whoever ended it. */
  over = false;
  peerClose: PeerClose | null = null;
  /** The suite sent a Close, first or in reply. */
  closeSent = false;
  localClose: PeerClose | null = null;
  closedByMe = false;
  droppedByMe = false;
  /** What was wrong with a frame of the peer. */
  fault: string | null = null;
  readonly #socket: Socket;
  readonly #dropGrace: number;
  readonly #reader = new FrameReader();
  #message: { opcode: number; compressed: boolean; parts: Buffer[] } | null = null;
  #waiting: (() => void)[] = [];
  #stopWaiting = (): void => {};

  constructor(socket: Socket, options: LinkOptions) {
    this.#socket = socket;
    this.#dropGrace = options.dropGrace;
    this.side = options.side;
    this.log = options.log;
    this.deflate = options.deflate;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.log.note(`TCP: ${error.message}`));
    socket.on('close', () => this.#ended());
    if (socket.destroyed) this.#ended();
  }

  /** Open: no Close has passed either way and TCP is up. */
  get open(): boolean {
    return !this.over && this.peerClose === null && !this.closeSent;
  }

  /** Both Close frames have passed. */
  get clean(): boolean {
    return this.peerClose !== null && this.closeSent;
  }

  /** Resolves at the next event, Close or end, or when somebody wakes it. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Lets everybody who waits look again. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Stops reading, so that the peer's writes pile up; `resume` undoes it. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async send(frames: readonly FrameSpec[], chop: Chop = 'whole'): Promise<void> {
    const masks = this.side === 'client';
    const octets = frames.map((frame) => writeFrame(frame, masks));
    for (const frame of frames) this.log.frameSent(frame);
    if (chop === 'frames') {
      for (const one of octets) await this.#write(one);
    } else if (chop === 'whole') {
      const [only] = octets;
      await this.#write(octets.length === 1 && only !== undefined ? only : Buffer.concat(octets));
    } else {
      await this.#writeChopped(Buffer.concat(octets), chop);
    }
  }

  /** Writes part of a frame as given; the caller has cut it. */
  async sendPart(octets: Buffer): Promise<void> {
    await this.#write(octets);
  }

  async #writeChopped(octets: Buffer, size: number): Promise<void> {
    for (let at = 0; at < octets.length && !this.over; at += size) {
      await this.#write(octets.subarray(at, at + size));
      await breath();
    }
  }

  async #write(octets: Buffer): Promise<void> {
    if (this.over || this.#socket.destroyed || !this.#socket.writable) return;
    this.log.sent(octets);
    if (this.#socket.write(octets)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.on('drain', done);
      this.#socket.on('close', done);
    });
  }

  /** Sends a Close and remembers who began. */
  async close(code: number | null, reason = ''): Promise<void> {
    if (this.closeSent) return;
    this.markClosing(code, reason);
    const payload = Buffer.alloc(code === null ? 0 : 2 + Buffer.byteLength(reason));
    if (code !== null) {
      payload.writeUInt16BE(code, 0);
      payload.write(reason, 2);
    }
    await this.send([{ opcode: OPCODE.close, payload }]);
  }

  /** A Close is about to be sent as a raw frame: from here on the suite is the one that closes. */
  markClosing(code: number | null, reason = ''): void {
    this.closedByMe ||= this.peerClose === null;
    this.closeSent = true;
    this.localClose = { code, reason };
  }

  /** Ends TCP at once. */
  drop(why: string): void {
    if (this.over) return;
    this.log.note(why);
    this.droppedByMe = true;
    this.#socket.destroy();
  }

  receive(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.log.received(chunk);
    try {
      this.#reader.push(chunk, (frame) => this.#seen(frame));
    } catch (error) {
      this.#blame(error instanceof Error ? error.message : String(error));
    }
  }

  #seen(frame: SeenFrame): void {
    this.log.frameReceived(frame);
    if (this.fault !== null) return;
    if (this.peerClose !== null) {
      this.#blame('a frame followed the Close');
      return;
    }
    const fault = faultOf(frame, {
      peerMasks: this.side === 'server',
      deflate: this.deflate !== null,
      midMessage: this.#message !== null,
    });
    if (fault !== null) {
      this.#blame(fault);
      return;
    }
    if (frame.opcode >= 8) this.#control(frame);
    else this.#data(frame);
  }

  #data(frame: SeenFrame): void {
    this.#message ??= { opcode: frame.opcode, compressed: frame.rsv === 4, parts: [] };
    this.#message.parts.push(frame.payload);
    if (!frame.fin) return;
    const { opcode, compressed, parts } = this.#message;
    this.#message = null;
    const [only] = parts;
    const payload = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    const message = compressed ? this.#inflate(payload) : payload;
    if (message !== null) this.#deliver(opcode === OPCODE.binary, message);
  }

  #inflate(payload: Buffer): Buffer | null {
    try {
      return this.deflate?.inflate(payload) ?? null;
    } catch (error) {
      this.#blame(
        `the compressed payload does not decode: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    }
  }

  #deliver(binary: boolean, payload: Buffer): void {
    if (!binary && !isUtf8(payload)) {
      this.#blame('a text message was not UTF-8');
      return;
    }
    this.#event({ kind: 'message', binary, payload });
  }

  #control(frame: SeenFrame): void {
    const { payload } = frame;
    if (frame.opcode === OPCODE.pong) this.#event({ kind: 'pong', payload });
    else if (frame.opcode === OPCODE.close) this.#peerClosed(payload);
    else if (this.open) void this.send([{ opcode: OPCODE.pong, payload }]);
  }

  #peerClosed(payload: Buffer): void {
    const code = payload.length < 2 ? null : payload.readUInt16BE(0);
    const answer = this.closeSent ? null : { code };
    this.peerClose = { code, reason: payload.subarray(2).toString() };
    const reply = answer === null ? Promise.resolve() : this.close(answer.code);
    void reply.then(() => {
      if (this.side === 'server') this.#socket.end();
    });
    this.#stopWaiting = patience(this.#dropGrace, () => {
      if (this.side === 'client') this.drop('the server did not close TCP; the suite did');
      else this.#socket.destroy();
    });
    this.wake();
  }

  #event(event: SeenEvent): void {
    this.events.push(event);
    this.wake();
  }

  #blame(fault: string): void {
    if (this.fault !== null) return;
    this.fault = fault;
    this.drop(`fault of the peer: ${fault}`);
  }

  #ended(): void {
    this.#stopWaiting();
    if (this.over) return;
    this.over = true;
    this.log.note('TCP ended');
    this.wake();
  }
}
