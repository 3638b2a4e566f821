/**
 * The sessions of a Durable Object's sockets, through hibernation.
 *
 * The rule of this file: memory and attachment change together, and the attachment first, because only that step
 * can fail. What is in the map when the object is evicted is in the map that `restore` makes.
 */
import { StateError } from '../../connection/errors.ts';
import type { Message } from '../peer.ts';
import { type Attachment, read, write } from './attachment.ts';
import { checkClose, wellFormed } from './closing.ts';
import { OPEN, type SocketHost, type WorkersSocket } from './runtime.ts';

export interface InsertOptions {
  /** Groups of sockets, at most 10 of at most 256 characters. A socket that was accepted before keeps those it has. */
  readonly tags?: readonly string[];
  /** The subprotocol that was chosen in the handshake. */
  readonly subprotocol?: string | undefined;
}

export interface BroadcastOptions<Session> {
  /** A socket, or several, to leave out. */
  readonly except?: WorkersSocket | readonly WorkersSocket[];
  /** Only to sockets with this tag. */
  readonly tag?: string;
  /** Only to sockets for which this is true. */
  readonly filter?: (session: Session, socket: WorkersSocket) => boolean;
}

/** What can be a session: a value that can be cloned, but not null or undefined. */
export type Storable = NonNullable<unknown>;

export class SessionMap<Session extends Storable> implements Iterable<[WorkersSocket, Session]> {
  readonly #host: SocketHost;
  readonly #entries = new Map<WorkersSocket, Attachment<Session>>();

  /** An empty map. @param host the object's state (`ctx`) */
  constructor(host: SocketHost) {
    this.#host = host;
  }

  /** The map as it was before the object hibernated. For the constructor of a Durable Object. */
  static restore<Session extends Storable>(host: SocketHost): SessionMap<Session> {
    const map = new SessionMap<Session>(host);
    for (const socket of host.getWebSockets()) {
      const attachment = read<Session>(socket);
      if (attachment !== undefined) map.#entries.set(socket, attachment);
    }
    return map;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Keeps a session for a socket, and accepts the socket for hibernation unless that was done before.
   *
   * @throws {RangeError} for a session of more than 16,384 serialised bytes; the socket is not accepted then, and an
   *   older session of it stays
   * @throws {Error} (the runtime's) for too many or too long tags; the socket is not accepted then
   */
  insert(socket: WorkersSocket, session: Session, { tags = [], subprotocol }: InsertOptions = {}): this {
    const entry = { session, subprotocol: subprotocol ?? this.subprotocol(socket) };
    write(socket, entry);
    try {
      // The one question that tells: it throws for a socket that was not accepted.
      this.#host.getTags(socket);
    } catch {
      this.#host.acceptWebSocket(socket, [...tags]);
    }
    this.#entries.set(socket, entry);
    return this;
  }

  has(socket: WorkersSocket): boolean {
    return this.#entries.has(socket);
  }

  /** The session, as it is in memory: `persist` keeps what you change in it. */
  get(socket: WorkersSocket): Session | undefined {
    return this.#entries.get(socket)?.session;
  }

  /** The subprotocol that was chosen for the socket. */
  subprotocol(socket: WorkersSocket): string | undefined {
    return this.#entries.get(socket)?.subprotocol;
  }

  /**
   * Changes a session and keeps it, or neither: `change` gets a copy, to change or to return another in its place.
   *
   * @returns the new session
   * @throws {RangeError} when it is too large
   * @throws {StateError} when the socket has no session
   */
  update(socket: WorkersSocket, change: (session: Session) => Session | undefined): Session {
    const entry = this.#entry(socket);
    const copy = structuredClone(entry.session);
    const changed = { ...entry, session: change(copy) ?? copy };
    write(socket, changed);
    this.#entries.set(socket, changed);
    return changed.session;
  }

  /**
   * Keeps the session as it is in memory now.
   *
   * @throws {RangeError} when it is too large; what was kept before stays
   * @throws {StateError} when the socket has no session
   */
  persist(socket: WorkersSocket): void {
    write(socket, this.#entry(socket));
  }

  /** Forgets the session, here and in the attachment; the socket stays open. @returns whether there was one */
  delete(socket: WorkersSocket): boolean {
    if (!this.#entries.delete(socket)) return false;
    socket.serializeAttachment(null);
    return true;
  }

  /**
   * Forgets the session and closes the socket.
   *
   * @returns whether there was a session
   * @throws {RangeError} for a code that may not be sent or a reason of more than 123 bytes; nothing happens then
   */
  remove(socket: WorkersSocket, code = 1000, reason = ''): boolean {
    checkClose(code, reason);
    socket.close(code, reason);
    return this.delete(socket);
  }

  /** The sockets with this tag that have a session. */
  byTag(tag: string): WorkersSocket[] {
    return this.#host.getWebSockets(tag).filter((socket) => this.has(socket));
  }

  /**
   * Sends a message to every socket that has a session, or to some of them.
   *
   * @returns the sockets that are closing or closed, and so did not get it; their close event comes by itself
   */
  broadcast(message: Message, { except, tag, filter }: BroadcastOptions<Session> = {}): WorkersSocket[] {
    const payload = typeof message === 'string' ? wellFormed(message) : message;
    const excluded = new Set([except].flat());
    const failed: WorkersSocket[] = [];
    for (const socket of tag === undefined ? [...this.#entries.keys()] : this.byTag(tag)) {
      const { session } = this.#entry(socket);
      if (excluded.has(socket) || filter?.(session, socket) === false) continue;
      // The runtime throws after our own Close, and takes without a word what it knows it cannot deliver.
      if (socket.readyState === OPEN) socket.send(payload);
      else failed.push(socket);
    }
    return failed;
  }

  *[Symbol.iterator](): IterableIterator<[WorkersSocket, Session]> {
    for (const [socket, { session }] of this.#entries) yield [socket, session];
  }

  #entry(socket: WorkersSocket): Attachment<Session> {
    const entry = this.#entries.get(socket);
    if (entry === undefined) throw new StateError('this socket has no session');
    return entry;
  }
}
