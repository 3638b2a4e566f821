/**
 * Sockets in their opening handshake: their bytes until the head is whole, and the one absolute deadline of each.
 *
 * The rule of this file: no closure and no timer per socket. An opening is the first listener of its transport, which
 * is handed on to the connection; and because all openings of a server have the same time, one timer for the oldest is
 * enough.
 * RFC 6455 §4.2.1, §10.4; RFC 9110 §15.5.9.
 */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Connection } from '../connection/connection.ts';
import type { Region, TransportListener } from '../connection/port.ts';
import {
  type OpeningRequest,
  type RequestHead,
  RequestHeadParser,
  readWholeOpening,
} from '../handshake/index.ts';
import { StreamTransport } from '../transport/stream.ts';
import type { Arrival } from './context.ts';
import { decoderOf } from './native-text.ts';
import { refuse } from './opening.ts';
import type { OpeningFacts } from './request.ts';
import { standBack } from './turns.ts';

/** Longest time that a timer of Node's can have, in milliseconds. */
const longestTime = 2 ** 31 - 1;

const latin1 = decoderOf('latin1');

const nothing = new Uint8Array(0);

/** What a server does with its openings. */
export interface OpeningsOwner {
  /** A request whose head is whole; the deadline stands until it is answered. */
  arrived(arrival: Arrival): void;
  opened(connection: Connection<OpeningFacts>): void;
}

/** The openings of one server. */
export class Openings {
  /** Oldest first. */
  readonly #all = new Set<Opening>();
  readonly #timeout: number;
  readonly #owner: OpeningsOwner;
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout milliseconds for a whole handshake, the handler's part included; `Infinity` for no end */
  constructor(timeout: number, owner: OpeningsOwner) {
    this.#timeout = timeout;
    this.#owner = owner;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Takes a fresh socket in. */
  add(socket: Socket): Opening {
    standBack();
    const opening = new Opening(this, socket, performance.now() + this.#timeout);
    this.#all.add(opening);
    if (this.#timer === undefined) this.#sleep(this.#timeout);
    opening.begin();
    return opening;
  }

  arrived(arrival: Arrival): void {
    this.#owner.arrived(arrival);
  }

  /** The opening is a connection now. */
  opened(opening: Opening, connection: Connection<OpeningFacts>): void {
    this.#all.delete(opening);
    this.#owner.opened(connection);
  }

  /** The socket of an opening is gone. */
  closed(opening: Opening): void {
    this.#all.delete(opening);
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
export class Opening implements TransportListener {
  readonly socket: Socket;
  readonly transport: StreamTransport;
  /** When its time is over, in milliseconds of `performance.now()`. */
  readonly until: number;
  readonly #openings: Openings;
  /** Nothing more is read: the request is whole, or refused. */
  #settled = false;
  /** For a head that did not come in one chunk. */
  #parser: RequestHeadParser | undefined;

  /** Made by {@link Openings.add}. */
  constructor(openings: Openings, socket: Socket, until: number) {
    this.socket = socket;
    this.until = until;
    this.#openings = openings;
    this.transport = new StreamTransport(socket);
  }

  /** Begins to read. */
  begin(): void {
    this.transport.attach(this);
  }

  /** Answers with a status and nothing else. */
  refuse(status: 408 | 503): void {
    this.#settled = true;
    refuse(this.socket, { status });
  }

  /** The connection that came of it takes over. */
  opened(connection: Connection<OpeningFacts>): void {
    this.#openings.opened(this, connection);
  }

  data(chunk: Uint8Array): void {
    this.#read(chunk, chunk.length);
  }

  lent(region: Region, size: number): void {
    this.#read(region.bytes, size);
  }

  /** Nothing was written that could be waited for. */
  drained(): void {}

  /** Without a whole request there is nobody to answer. */
  ended(): void {
    if (!this.#settled) this.transport.destroy();
  }

  closed(): void {
    this.#openings.closed(this);
  }

  #read(chunk: Uint8Array, size: number): void {
    if (this.#settled) return;
    if (this.#parser === undefined) {
      const whole = readWholeOpening(chunk, size, latin1);
      if (whole !== undefined) {
        this.#arrived(whole.head, whole.opening, chunk, whole.end, size);
        return;
      }
      this.#parser = new RequestHeadParser();
    }
    const progress = this.#parser.push(chunk.subarray(0, size));
    if (progress.state === 'more') return;
    if (progress.state === 'done') {
      this.#arrived(progress.head, undefined, chunk, progress.end, size);
      return;
    }
    this.#settled = true;
    refuse(this.socket, progress.refusal);
  }

  #arrived(
    head: RequestHead,
    opening: OpeningRequest | undefined,
    chunk: Uint8Array,
    end: number,
    size: number,
  ): void {
    this.#settled = true;
    this.#parser = undefined;
    // Copied: the memory that they lie in is read into again.
    const early = end === size ? nothing : new Uint8Array(chunk.subarray(end, size));
    this.#openings.arrived({ head, opening, socket: this.socket, early, place: this });
  }
}
