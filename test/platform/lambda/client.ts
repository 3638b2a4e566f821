/** A client of the emulated gateway: a queue of texts over the `ws` package. */
import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';

export class Client {
  /** Close code and reason. */
  readonly closed: Promise<[number, string]>;
  readonly #ws: WebSocket;
  readonly #texts: string[] = [];

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data) => {
      this.#texts.push(data.toString());
      ws.emit('queued');
    });
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => resolve([code, reason.toString()]));
    });
  }

  /** Rejects with the status in its message when the upgrade is refused. */
  static async open(url: string, subprotocols: string[] = [], options: ClientOptions = {}): Promise<Client> {
    const ws = new WebSocket(url, subprotocols, { perMessageDeflate: false, ...options });
    const client = new Client(ws);
    await once(ws, 'open');
    return client;
  }

  get subprotocol(): string {
    return this.#ws.protocol;
  }

  async next(): Promise<string> {
    while (this.#texts.length === 0) await once(this.#ws, 'queued');
    return this.#texts.shift() ?? '';
  }

  send(message: string | Uint8Array): void {
    this.#ws.send(message);
  }

  /** Sends one text message in frames of at most 32 KiB, as API Gateway wants it. */
  sendInFrames(message: string, size = 32 * 1024): void {
    const bytes = Buffer.from(message);
    for (let start = 0; start === 0 || start < bytes.length; start += size) {
      const fin = start + size >= bytes.length;
      this.#ws.send(bytes.subarray(start, start + size), { binary: false, fin });
    }
  }

  close(code?: number, reason?: string): void {
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }
}
