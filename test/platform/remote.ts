/**
 * The other end of a connection under test: a client of the `ws` package, pulled message by message.
 */
import { type ClientOptions, WebSocket } from 'ws';

/** How the client saw the connection end. */
export interface RemoteEnd {
  readonly code: number;
  readonly reason: string;
}

export interface Remote {
  readonly subprotocol: string;
  send(message: string | Uint8Array): void;
  /** The next message; binary as bytes. Rejects when the connection ends first. */
  next(): Promise<string | Uint8Array>;
  close(code?: number, reason?: string): void;
  /** Drops the transport without a Close. */
  terminate(): void;
  readonly ended: Promise<RemoteEnd>;
  readonly socket: WebSocket;
}

const bytes = (data: Buffer | ArrayBuffer | Buffer[]): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);

/** Connects; rejects with the error of `ws`, which names the status of a refusal. */
export async function connectRemote(
  url: string,
  subprotocols: string[] = [],
  options: ClientOptions = {},
): Promise<Remote> {
  const socket = new WebSocket(url, subprotocols, { perMessageDeflate: false, ...options });
  const queue: (string | Uint8Array)[] = [];
  const takers: { resolve(message: string | Uint8Array): void; reject(error: Error): void }[] = [];
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? new Uint8Array(bytes(data)) : bytes(data).toString();
    const taker = takers.shift();
    if (taker === undefined) queue.push(message);
    else taker.resolve(message);
  });
  const ended = new Promise<RemoteEnd>((resolve) => {
    socket.once('close', (code, reason) => {
      for (const taker of takers.splice(0)) taker.reject(new Error(`ended with ${code} ${reason}`));
      resolve({ code, reason: reason.toString() });
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
  });
  return {
    socket,
    ended,
    subprotocol: socket.protocol,
    send: (message) => socket.send(message),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    async next() {
      const message = queue.shift();
      if (message !== undefined) return message;
      if (socket.readyState === WebSocket.CLOSED) throw new Error('ended');
      return new Promise((resolve, reject) => takers.push({ resolve, reject }));
    },
  };
}
