/**
 * Sockets in their opening handshake: their bytes until the head is whole, and the one absolute deadline of each.
 *
 * The rule of this file: no closure, listener or timer per socket. The listeners are shared functions that find the
 * opening on its socket, and because all openings of a server have the same time, one timer for the oldest is enough.
 * RFC 6455 §4.2.1, §10.4; RFC 9110 §15.5.9.
 */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import {
  type OpeningRequest,
  type RequestHead,
  RequestHeadParser,
  readWholeOpening,
} from '../handshake/index.ts';
import type { Arrival } from './context.ts';
import { guard, refuse } from './opening.ts';

/** Longest time that a timer of Node's can have, in milliseconds. */
const longestTime = 2 ** 31 - 1;

/** Is told of a request whose head is whole. The socket has no listeners but the guard and the one for its end. */
export type Arrived = (arrival: Arrival) => void;

const openingOf = Symbol('framewright.opening');

interface OpeningSocket extends Socket {
  [openingOf]?: Opening | undefined;
}

const latin1 = (bytes: Buffer, end: number): string => bytes.toString('latin1', 0, end);

/** The openings of one server. */
export class Openings {
  /** Oldest first. */
  readonly #all = new Set<Opening>();
  readonly #timeout: number;
  readonly #arrived: Arrived;
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout milliseconds for a whole handshake, the handler's part included; `Infinity` for no end */
  constructor(timeout: number, arrived: Arrived) {
    this.#timeout = timeout;
    this.#arrived = arrived;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Takes a fresh socket in. */
  add(socket: Socket): void {
    const opening = new Opening(this, socket, performance.now() + this.#timeout);
    this.#all.add(opening);
    if (this.#timer === undefined) this.#sleep(this.#timeout);
  }

  /** Lets a socket go: it is a connection now, or gone. */
  delete(opening: Opening): void {
    this.#all.delete(opening);
  }

  arrived(arrival: Arrival): void {
    this.#arrived(arrival);
  }

  /** Refuses them all because the server closes. */
  refuse(): void {
    for (const opening of this.#all) opening.refuse(503);
  }

  #sleep(milliseconds: number): void {
    if (milliseconds === Infinity) return;
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(1, milliseconds), longestTime));
    this.#timer.unref();
  }

  /** Refuses whoever is too late. Those that were refused before stay until their socket is closed. */
  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const opening of this.#all) {
      if (opening.until > now) {
        this.#sleep(opening.until - now);
        return;
      }
      opening.refuse(408);
    }
  }
}

/** One socket in its opening handshake. */
export class Opening {
  readonly socket: Socket;
  /** When its time is over, in milliseconds of `performance.now()`. */
  readonly until: number;
  readonly #openings: Openings;
  /** For a head that did not come in one chunk. */
  #parser: RequestHeadParser | undefined;

  /** Made by {@link Openings.add}. */
  constructor(openings: Openings, socket: OpeningSocket, until: number) {
    this.socket = socket;
    this.until = until;
    this.#openings = openings;
    socket[openingOf] = this;
    guard(socket);
    socket.on('data', onData);
    socket.on('end', onEnd);
    socket.on('close', onClose);
  }

  /** Answers with a status and nothing else. */
  refuse(status: 408 | 503): void {
    this.#settle();
    refuse(this.socket, { status });
  }

  /** The socket is a connection's now. */
  leave(): void {
    const socket: OpeningSocket = this.socket;
    socket[openingOf] = undefined;
    socket.off('close', onClose);
    this.#openings.delete(this);
  }

  data(chunk: Buffer): void {
    if (this.#parser === undefined) {
      const whole = readWholeOpening(chunk, latin1);
      if (whole !== undefined) {
        this.#arrived(whole.head, whole.opening, chunk, whole.end);
        return;
      }
      this.#parser = new RequestHeadParser();
    }
    const progress = this.#parser.push(chunk);
    if (progress.state === 'more') return;
    if (progress.state === 'done') {
      this.#arrived(progress.head, undefined, chunk, progress.end);
      return;
    }
    this.#settle();
    refuse(this.socket, progress.refusal);
  }

  /** The peer ended before its request was whole. */
  ended(): void {
    this.#settle();
    this.socket.destroy();
  }

  closed(): void {
    this.#openings.delete(this);
  }

  #arrived(head: RequestHead, opening: OpeningRequest | undefined, chunk: Uint8Array, end: number): void {
    this.#settle();
    const early = end === chunk.length ? nothing : chunk.subarray(end);
    this.#openings.arrived({ head, opening, socket: this.socket, early });
  }

  /** Reads no more. */
  #settle(): void {
    this.#parser = undefined;
    this.socket.off('data', onData);
    this.socket.off('end', onEnd);
  }
}

const nothing = new Uint8Array(0);

/** The socket is a connection now, and none of an opening's business any more. */
export function leaveOpening(socket: Duplex & { [openingOf]?: Opening | undefined }): void {
  socket[openingOf]?.leave();
}

function onData(this: OpeningSocket, chunk: Buffer): void {
  this[openingOf]?.data(chunk);
}

function onEnd(this: OpeningSocket): void {
  this[openingOf]?.ended();
}

function onClose(this: OpeningSocket): void {
  this[openingOf]?.closed();
}
