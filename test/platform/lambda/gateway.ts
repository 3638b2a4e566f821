/**
 * An emulator of an API Gateway WebSocket API, after AWS's documented rules: https on one side is http here, the rest
 * is meant to be as there. One server takes the clients' upgrades at `/{stage}` and the management API's calls at
 * `/{stage}/@connections/{id}`.
 *
 * - $connect: a status of the 200s lets the client in, with the subprotocol of the answer's header; any other status
 *   refuses it. The connection exists only afterwards: until then its id is answered with 410.
 * - messages go to the route that the selection expression yields; invocations run side by side.
 * - a function that fails on $connect is a 502; on a message, the client gets an error text.
 * - an idle connection, and one that has lasted too long, is closed with 1001.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { connectEvent, disconnectEvent, messageEvent, type WireEvent } from './gateway-events.ts';
import { GatewayManagement, type ManagedConnection } from './gateway-management.ts';
import { selectRoute } from './gateway-routes.ts';
import { acceptSocket, type GatewaySocket } from './gateway-socket.ts';

/** Runs the function; rejects when the function fails. */
export type Invoke = (event: WireEvent) => Promise<unknown>;

export interface GatewayOptions {
  readonly routes?: readonly string[];
  readonly routeSelectionExpression?: string;
  /** Milliseconds without a message in either direction; ten minutes at AWS. */
  readonly idleTimeout?: number;
  /** Milliseconds that a connection may last; two hours at AWS. */
  readonly maxDuration?: number;
}

interface Connection extends ManagedConnection {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly stage: string;
  readonly domainName: string;
  lastActiveAt: number;
  socket: GatewaySocket | undefined;
  ending: { readonly code: number; readonly reason: string } | undefined;
  timers: NodeJS.Timeout[];
}

const stage = 'prod';

/** One API with one stage, `prod`. */
export class Gateway {
  readonly management: GatewayManagement;
  /** Everything that was handed to the function. */
  readonly events: WireEvent[] = [];
  readonly #server: Server;
  readonly #invoke: Invoke;
  readonly #options: GatewayOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #running = new Set<Promise<unknown>>();

  private constructor(server: Server, invoke: Invoke, options: GatewayOptions) {
    this.#server = server;
    this.#invoke = invoke;
    this.#options = options;
    this.management = new GatewayManagement(stage, (id) => {
      const connection = this.#connections.get(id);
      return connection?.socket === undefined ? undefined : connection;
    });
    server.on('request', (request, response) => void this.management.answer(request, response));
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      void this.#connect(request, socket, head);
    });
  }

  static async start(invoke: Invoke, options: GatewayOptions = {}): Promise<Gateway> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Gateway(server, invoke, options);
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the gateway does not listen');
    return address.port;
  }

  /** Where clients connect. */
  get url(): string {
    return `ws://127.0.0.1:${this.port}/${stage}`;
  }

  /** Where the management API is. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.port}/${stage}`;
  }

  /** Waits for the invocations that are running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections.values()) connection.close(1001, 'Going away');
    await this.idle();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #run(event: WireEvent): Promise<unknown> {
    this.events.push(event);
    const running = this.#invoke(event);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #connect(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = new URL(request.url ?? '/', this.endpoint);
    if (url.pathname !== `/${stage}`) return refuse(socket, 403);
    const connection = this.#create();
    let answer: unknown;
    try {
      answer = await this.#run(connectEvent(connection, request.rawHeaders, url.searchParams));
    } catch {
      answer = { statusCode: 502 };
    }
    const { status, subprotocol } = readAnswer(answer);
    if (status < 200 || status > 299) {
      this.#connections.delete(connection.connectionId);
      return refuse(socket, status);
    }
    connection.socket = await acceptSocket(request, socket, head, subprotocol, {
      text: (message) => void this.#message(connection, message),
      closed: (code, reason) => void this.#closed(connection, code, reason),
    });
    this.#startTimers(connection);
  }

  #create(): Connection {
    const connection: Connection = {
      connectionId: `${randomBytes(12).toString('base64url').slice(0, 15)}=`,
      connectedAt: Date.now(),
      stage,
      domainName: 'abcdef1234.execute-api.eu-central-1.amazonaws.com',
      lastActiveAt: Date.now(),
      socket: undefined,
      ending: undefined,
      timers: [],
      send: (text) => {
        this.#touch(connection);
        connection.socket?.send(text);
      },
      close: (code, reason) => {
        connection.ending ??= { code, reason: code === 1000 ? 'Connection Closed Normally' : reason };
        connection.socket?.close(code, reason);
        this.#connections.delete(connection.connectionId);
      },
    };
    this.#connections.set(connection.connectionId, connection);
    return connection;
  }

  async #message(connection: Connection, message: string): Promise<void> {
    this.#touch(connection);
    const { routes = ['$default'], routeSelectionExpression = '$request.body.action' } = this.#options;
    const route = selectRoute(message, routeSelectionExpression, new Set(routes));
    if (route === undefined) return report(connection, 'Forbidden');
    try {
      await this.#run(messageEvent(connection, message, route));
    } catch {
      report(connection, 'Internal server error');
    }
  }

  async #closed(connection: Connection, code: number, reason: string): Promise<void> {
    this.#connections.delete(connection.connectionId);
    for (const timer of connection.timers) clearTimeout(timer);
    const ending = connection.ending ?? { code, reason };
    try {
      await this.#run(disconnectEvent(connection, ending.code, ending.reason));
    } catch {
      // Nobody is left who could be told.
    }
  }

  #startTimers(connection: Connection): void {
    const { idleTimeout = 600_000, maxDuration = 7_200_000 } = this.#options;
    const leave = () => connection.close(1001, 'Going away');
    connection.timers = [setTimeout(leave, idleTimeout), setTimeout(leave, maxDuration)];
  }

  #touch(connection: Connection): void {
    connection.lastActiveAt = Date.now();
    connection.timers[0]?.refresh();
  }
}

function readAnswer(answer: unknown): { status: number; subprotocol: string | undefined } {
  if (typeof answer !== 'object' || answer === null) return { status: 502, subprotocol: undefined };
  const status = 'statusCode' in answer ? Number(answer.statusCode) : 502;
  const headers = 'headers' in answer ? Object.entries(answer.headers ?? {}) : [];
  const header = headers.find(([name]) => name.toLowerCase() === 'sec-websocket-protocol');
  return { status, subprotocol: header === undefined ? undefined : String(header[1]) };
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function report(connection: Connection, message: string): void {
  const { connectionId } = connection;
  connection.socket?.send(Buffer.from(JSON.stringify({ message, connectionId, requestId: 'request=' })));
}
