/**
 * `listen`: a server on raw `net` or TLS sockets with the project's own request-head parser.
 *
 * The rule of this file: a socket is either in its opening handshake, with one absolute deadline, or a connection; the
 * server knows both sets and closing it empties them.
 */
import { createServer, type ListenOptions, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Connection } from '../connection/connection.ts';
import { closeCodes, encodeClosePayload } from '../frame/close.ts';
import { AllowedHosts } from '../handshake/index.ts';
import { answer, pathOf } from './answering.ts';
import { type Config, type ResolvedConfig, resolveConfig } from './config.ts';
import type { Arrival, ContextOwner } from './context.ts';
import { ConfigError } from './errors.ts';
import { keepExemplar } from './exemplar.ts';
import { guard, refuse } from './opening.ts';
import { Openings } from './openings.ts';
import type { OpeningFacts } from './request.ts';
import { type ContextHandler, createRouter, type Router, type Routes } from './router.ts';
import { isUpgradeListener } from './upgrade.ts';

/** Where to listen: a port, `'host:port'`, or what `net.Server.listen` takes. */
export type Address = number | string | ListenOptions;

/** A server's options beside those of its connections. */
export interface ServerConfig extends Config {
  /** Makes it a `wss` server: Node's TLS options. */
  readonly tls?: TlsOptions;
  /** Connections and handshakes at most; one more is answered with 503. Default unlimited. */
  readonly maxConnections?: number;
}

/** Longest time that a timer of Node's can have, in milliseconds. */
const longestTime = 2 ** 31 - 1;

/** How to close a server. */
export interface ServerCloseOptions {
  /** Close code for every connection. Default 1001. */
  readonly code?: number;
  /** Close reason. Default empty. */
  readonly reason?: string;
  /** Milliseconds after which connections that are still there are dropped. Default 5,000. */
  readonly timeout?: number;
}

/**
 * Starts a server.
 *
 * @param address port, `'host:port'`, or options of `net.Server.listen`; port 0 takes a free one
 * @param routes paths with context handlers, or one handler for all
 * @returns once it listens
 * @throws {ConfigError} (rejects) for a wrong or unknown option, and for what `upgrade` makes in place of a handler
 * @throws the system's error (rejects) when the address can not be had
 */
export async function listen(
  address: Address,
  routes: Routes | ContextHandler,
  config: ServerConfig = {},
): Promise<Server> {
  const { tls, maxConnections = Infinity } = config;
  const resolved = resolveConfig(config, ['tls', 'maxConnections']);
  if (tls !== undefined && (typeof tls !== 'object' || tls === null))
    throw new ConfigError('tls', tls, 'TLS options');
  if (maxConnections !== Infinity && !(Number.isInteger(maxConnections) && maxConnections > 0)) {
    throw new ConfigError('maxConnections', maxConnections, 'a whole number above 0');
  }
  // The types refuse it; JavaScript would fail at every request.
  if ((typeof routes === 'function' ? [routes] : Object.values(routes ?? {})).some(isUpgradeListener))
    throw new ConfigError(
      'routes',
      routes,
      "context handlers: upgrade() makes a listener for a server's 'upgrade' event",
    );
  const options = addressOf(address);
  const server = new Server(createRouter(routes), resolved, tls, maxConnections);
  keepExemplar('listen');
  await server.open(options);
  return server;
}

function addressOf(address: Address): ListenOptions {
  if (typeof address === 'object' && address !== null) return address;
  const match = /^(?:(\[[^\]]+\]|[^:]*):)?([0-9]{1,5})$/.exec(String(address));
  const port = Number(match?.[2]);
  if (match === null || port > 65_535)
    throw new ConfigError('address', address, "a port, 'host:port' or options");
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  return host === '' ? { port } : { host, port };
}

const loopbackNames: readonly string[] = Object.freeze(['localhost', '127.0.0.1', '[::1]']);
const isLoopback = (address: string): boolean => /^(?:127\.|::1$|::ffff:127\.)/.test(address);

export class Server {
  /** The open connections. */
  readonly connections: ReadonlySet<Connection<OpeningFacts>>;
  readonly #connections = new Set<Connection<OpeningFacts>>();
  readonly #openings: Openings;
  /** Sockets below a TLS handshake that is not done, by the peer's address: Node does not tell which is whose. */
  readonly #securing = new Map<string, Socket>();
  readonly #net: NetServer;
  readonly #router: Router;
  readonly #scheme: 'ws' | 'wss';
  readonly #maxConnections: number;
  #owner: ContextOwner;
  #host = 'localhost';
  #closing: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  /** Made by {@link listen}. */
  constructor(router: Router, config: ResolvedConfig, tls: TlsOptions | undefined, maxConnections: number) {
    this.connections = this.#connections;
    this.#router = router;
    this.#openings = new Openings(config.handshakeTimeout, {
      arrived: (arrival) => this.#answer(arrival),
      opened: (connection) => this.#opened(connection),
    });
    this.#owner = {
      config,
      closed: (connection) => this.#closed(connection),
    };
    this.#scheme = tls === undefined ? 'ws' : 'wss';
    this.#maxConnections = maxConnections;
    const accept = (socket: Socket): void => this.#accept(socket);
    const noDelay = { noDelay: true };
    if (tls === undefined) {
      this.#net = createServer(noDelay, accept);
      return;
    }
    this.#net = createTlsServer(
      { handshakeTimeout: Math.min(config.handshakeTimeout, longestTime), ...noDelay, ...tls },
      (socket) => {
        this.#securing.delete(peerOf(socket));
        accept(socket);
      },
    );
    this.#net.on('connection', (socket: Socket) => this.#secure(socket));
    // Peers that fail their TLS handshake are no reason to stop.
    this.#net.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** Begins to listen. */
  open(options: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#net.once('error', reject);
      this.#net.listen(options, () => {
        this.#net.off('error', reject);
        this.#net.on('error', (error) => this.#owner.config.onError(error));
        const bound = this.#net.address();
        if (options.host !== undefined) this.#host = options.host;
        if (bound !== null && typeof bound !== 'string' && isLoopback(bound.address)) {
          if (options.host === undefined) this.#host = bound.address;
          const allowedHosts = new AllowedHosts([
            ...loopbackNames,
            ...(options.host === undefined ? [] : [bracketed(options.host)]),
          ]);
          const { config } = this.#owner;
          this.#owner = {
            ...this.#owner,
            config: { ...config, allowedHosts: config.allowedHosts ?? allowedHosts },
          };
        }
        resolve();
      });
    });
  }

  /** The port it listens on; 0 for a path. */
  get port(): number {
    const bound = this.#net.address();
    return bound === null || typeof bound === 'string' ? 0 : bound.port;
  }

  /** Where clients find it, such as `ws://localhost:4040`. */
  get url(): string {
    return `${this.#scheme}://${bracketed(this.#host)}:${this.port}`;
  }

  /**
   * Closes: accepts no more, refuses handshakes under way with 503, sends a Close to every connection, waits, and drops
   * those that are left at the end of `timeout`. Calling it again waits for the same end.
   *
   * @throws {RangeError} (rejects) for a close code that may not be sent
   */
  async close({
    code = closeCodes.goingAway,
    reason = '',
    timeout = 5_000,
  }: ServerCloseOptions = {}): Promise<void> {
    // Before anything begins: a code that may not be sent leaves the server as it was.
    const payload = encodeClosePayload(code, reason);
    this.#closing ??= this.#close(payload, code, reason, Math.min(timeout, longestTime));
    await this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(payload: Uint8Array, code: number, reason: string, timeout: number): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#net.close(() => resolve());
    });
    for (const socket of this.#securing.values()) socket.destroy();
    this.#openings.refuse();
    for (const connection of this.#connections) closeConnection(connection, payload, code, reason);
    if (this.#connections.size > 0) {
      let timer: NodeJS.Timeout | undefined;
      const emptied = new Promise<void>((resolve) => {
        this.#emptied = resolve;
        timer = setTimeout(resolve, timeout);
      });
      await emptied;
      clearTimeout(timer);
      for (const connection of this.#connections) terminateConnection(connection);
    }
    await stopped;
  }

  /** A socket whose TLS handshake begins. Over the cap there is no channel for an answer yet, so it is dropped. */
  #secure(socket: Socket): void {
    if (this.#closing !== undefined || this.#isFull) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    this.#securing.set(peer, socket);
    socket.once('close', () => this.#securing.delete(peer));
  }

  get #isFull(): boolean {
    return this.#connections.size + this.#openings.size + this.#securing.size >= this.#maxConnections;
  }

  #accept(socket: Socket): void {
    if (this.#closing === undefined && !this.#isFull) {
      this.#openings.add(socket);
      return;
    }
    guard(socket);
    refuse(socket, { status: 503 });
  }

  #answer(arrival: Arrival): void {
    answer(arrival, this.#router(arrival.opening?.path ?? pathOf(arrival.head.target)), this.#owner);
  }

  #opened(connection: Connection<OpeningFacts>): void {
    this.#connections.add(connection);
    // The server began to close while the handler was deciding.
    if (this.#closing !== undefined) {
      closeConnection(connection, encodeClosePayload(closeCodes.goingAway), closeCodes.goingAway, '');
    }
  }

  #closed(connection: Connection<OpeningFacts>): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#emptied?.();
  }
}

const peerOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;

const bracketed = (host: string): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;

// Through the core: the handle may have been split by its handler.
const closeConnection = (
  connection: Connection<OpeningFacts>,
  payload: Uint8Array,
  code: number,
  reason: string,
): void => Connection.lifeOf(connection).close(payload, code, reason);

const terminateConnection = (connection: Connection<OpeningFacts>): void =>
  Connection.lifeOf(connection).terminate();
