/**
 * The `@connections` side of the API Gateway emulator: POST sends, DELETE closes with 1000, GET describes.
 *
 * Errors carry `x-amzn-ErrorType`, which is what the SDK picks its class by. A call without a signature is refused;
 * the signature itself is not verified.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageLimit } from './gateway-socket.ts';

/** What the management API can do with a connection. */
export interface ManagedConnection {
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  send(text: Buffer): void;
  close(code: number, reason: string): void;
}

/** One call, for tests to look at. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  readonly connectionId: string;
  readonly authorization: string;
  /** Port of the calling socket: equal for two calls over one connection. */
  readonly port: number | undefined;
  readonly body: Buffer;
}

/** How a call is made to fail: an answer, a lost connection, or no answer at all. */
export type Fault = { readonly status: number; readonly errorType?: string } | 'drop' | 'hang';

/** Calls of the management API for one stage. */
export class GatewayManagement {
  readonly calls: RecordedCall[] = [];
  readonly #faults: Fault[] = [];
  readonly #stage: string;
  readonly #find: (connectionId: string) => ManagedConnection | undefined;

  constructor(stage: string, find: (connectionId: string) => ManagedConnection | undefined) {
    this.#stage = stage;
    this.#find = find;
  }

  /** Makes the next calls fail, in this order. */
  fail(...faults: Fault[]): void {
    this.#faults.push(...faults);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const path = request.url ?? '';
    const prefix = `/${this.#stage}/@connections/`;
    if (!path.startsWith(prefix)) {
      write(response, forbidden);
      return;
    }
    const connectionId = decodeURIComponent(path.slice(prefix.length));
    const { authorization = '' } = request.headers;
    const port = request.socket.remotePort;
    this.calls.push({ method: request.method ?? '', path, connectionId, authorization, port, body });
    const fault = this.#faults.shift();
    if (fault === 'drop') request.socket.destroy();
    else if (fault === 'hang') return;
    else if (fault !== undefined) write(response, fault);
    else if (!authorization.startsWith('AWS4-HMAC-SHA256 ')) write(response, forbidden);
    else write(response, this.#perform(request.method, connectionId, body));
  }

  #perform(method: string | undefined, connectionId: string, body: Buffer): Reply {
    if (!/^[\w-]{15}=$/.test(connectionId)) return { status: 400, errorType: 'BadRequestException' };
    const connection = this.#find(connectionId);
    if (connection === undefined) return { status: 410, errorType: 'GoneException' };
    if (method === 'GET') return { status: 200, description: describe(connection) };
    if (method === 'DELETE') {
      connection.close(1000, '');
      return { status: 204 };
    }
    if (body.length > messageLimit) return { status: 413, errorType: 'PayloadTooLargeException' };
    connection.send(body);
    return { status: 200 };
  }
}

interface Reply {
  readonly status: number;
  readonly errorType?: string;
  readonly description?: object;
}

const forbidden: Reply = { status: 403, errorType: 'ForbiddenException' };

const describe = ({ connectedAt, lastActiveAt }: ManagedConnection): object => ({
  connectedAt: new Date(connectedAt).toISOString(),
  identity: { sourceIp: '127.0.0.1', userAgent: 'test' },
  lastActiveAt: new Date(lastActiveAt).toISOString(),
});

function write(response: ServerResponse, { status, errorType, description }: Reply): void {
  if (errorType !== undefined) response.setHeader('x-amzn-ErrorType', errorType);
  if (status === 204) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status === 200 ? (description ?? {}) : { message: `status ${status}` }));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
