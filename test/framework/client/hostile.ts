/**
 * A raw TCP server for tests: it reads an opening request and answers with whatever bytes the test wants.
 */
import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';

export interface Heard {
  readonly text: string;
  readonly key: string;
  /** The field's value, or undefined. */
  field(name: string): string | undefined;
  /** Every line that has the field. */
  fields(name: string): string[];
}

export const acceptOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

/** A faultless 101 as lines to change. */
export const goodLines = (key: string): string[] => [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${acceptOf(key)}`,
];

export const headText = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

function heard(text: string): Heard {
  const fields = (name: string): string[] =>
    [...text.matchAll(new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, 'gim'))].map(([, value]) => value ?? '');
  return {
    text,
    fields,
    field: (name) => fields(name)[0],
    key: fields('sec-websocket-key')[0] ?? '',
  };
}

export class Hostile {
  readonly requests: Heard[] = [];
  readonly sockets = new Set<Socket>();
  /** Bytes that came behind the requests, of the newest socket. */
  received = Buffer.alloc(0);
  readonly #server: Server;

  private constructor(
    answer: (socket: Socket, request: Heard) => void,
    greet: ((socket: Socket) => void) | undefined,
  ) {
    this.#server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.sockets.delete(socket));
      greet?.(socket);
      let text = '';
      let answered = false;
      socket.on('data', (chunk) => {
        if (answered) {
          this.received = Buffer.concat([this.received, chunk]);
          return;
        }
        text += chunk.toString('latin1');
        if (!text.includes('\r\n\r\n')) return;
        answered = true;
        const request = heard(text);
        this.requests.push(request);
        answer(socket, request);
      });
    });
  }

  /** Listens, on a Unix socket if there is a path. `greet` speaks before there is a request. */
  static listen(
    answer: (socket: Socket, request: Heard) => void,
    path?: string,
    greet?: (socket: Socket) => void,
  ): Promise<Hostile> {
    const hostile = new Hostile(answer, greet);
    return new Promise((resolve, reject) => {
      hostile.#server.once('error', reject);
      const done = (): void => resolve(hostile);
      if (path === undefined) hostile.#server.listen(0, '127.0.0.1', done);
      else hostile.#server.listen(path, done);
    });
  }

  get port(): number {
    const bound = this.#server.address();
    return bound !== null && typeof bound === 'object' ? bound.port : 0;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/feed`;
  }

  /** Waits until every client has let go of its socket. */
  async deserted(ms = 4_000): Promise<boolean> {
    const until = Date.now() + ms;
    while (this.sockets.size > 0 && Date.now() < until) await new Promise((go) => setTimeout(go, 5));
    return this.sockets.size === 0;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
