/**
 * Raw sockets for tests: a server's answers as bytes, and frames written by hand.
 */
import { connect, type Socket } from 'node:net';

/** The opening request that every server accepts, as lines to change. */
export const openingLines = (path = '/ws', host = 'localhost'): string[] => [
  `GET ${path} HTTP/1.1`,
  `Host: ${host}`,
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];

export const headOf = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

/** A raw client. Everything it receives is kept. */
export class Wire {
  static readonly #all = new Set<Wire>();
  readonly socket: Socket;
  received = Buffer.alloc(0);
  ended = false;
  closed = false;
  #woken: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    Wire.#all.add(this);
    const wake = (): void => this.#woken?.();
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      wake();
    });
    socket.on('end', () => {
      this.ended = true;
      wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      Wire.#all.delete(this);
      wake();
    });
  }

  static open(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Wire(socket)));
    });
  }

  write(bytes: string | Uint8Array): void {
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1');
    else this.socket.write(bytes);
  }

  /** Waits until what was received satisfies a condition. */
  async until(condition: (wire: Wire) => boolean, what: string, ms = 8_000): Promise<void> {
    const deadline = Date.now() + ms;
    while (!condition(this)) {
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`${what} did not come; received ${JSON.stringify(this.received.toString('latin1'))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#woken = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The response head, once it is there. */
  async head(): Promise<string> {
    await this.until((wire) => wire.received.includes('\r\n\r\n') || wire.closed, 'a response head');
    return this.received.subarray(0, this.received.indexOf('\r\n\r\n')).toString('latin1');
  }

  async status(): Promise<number> {
    return Number((await this.head()).split(' ')[1]);
  }

  /** Bytes behind the response head. */
  get body(): Buffer {
    return this.received.subarray(this.received.indexOf('\r\n\r\n') + 4);
  }

  /** Drops what a failed test left open. */
  static destroyAll(): void {
    for (const wire of Wire.#all) wire.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** A masked frame with a key of its own. */
export function clientFrame(first: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload);
  const key = Buffer.from([0x11, 0x22, 0x33, 0x44]);
  const length =
    bytes.length < 126
      ? Buffer.from([0x80 | bytes.length])
      : bytes.length < 65_536
        ? Buffer.from([0xfe, bytes.length >> 8, bytes.length & 255])
        : Buffer.from([
            0xff,
            0,
            0,
            0,
            0,
            ...new Uint8Array(new Uint32Array([bytes.length]).buffer).reverse(),
          ]);
  const masked = Buffer.from(bytes.map((byte, index) => byte ^ (key[index & 3] ?? 0)));
  return Buffer.concat([Buffer.from([first]), length, key, masked]);
}

/** A frame as a server sends it, with a short payload. */
export const serverFrame = (first: number, payload: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.from([first, bytes.length]), bytes]);
};

export const closePayload = (code: number, reason = ''): Buffer =>
  Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
