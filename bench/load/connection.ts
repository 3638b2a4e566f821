// One client connection of the load generator: a bare socket with an opening handshake in front.
// Rule: one read buffer for all connections; whoever reads must be done with the bytes when it returns.
import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455 §1.3

export interface Target {
  readonly port: number;
  /** Plain bytes without a handshake: the bare `net` server. */
  readonly raw: boolean;
  /** What Sec-WebSocket-Extensions offers, if anything. */
  readonly offer?: string;
}

export type Receive = (bytes: Buffer, size: number) => void;

export class LoadConnection {
  readonly socket: Socket;
  /** The extensions the server agreed to, as sent; '' for none. */
  extensions = '';
  receive: Receive = () => {};

  private constructor(target: Target, fail: (error: Error) => void) {
    this.socket = connect({
      host: '127.0.0.1',
      port: target.port,
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (size) => {
          this.receive(READ_BUFFER, size);
          return true;
        },
      },
    });
    this.socket.on('error', fail);
    this.socket.on('close', () => fail(new Error('The server closed a connection.')));
  }

  /** Connects and completes the opening handshake. `fail` also hears of anything that breaks later. */
  static open(target: Target, fail: (error: Error) => void): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const connection = new LoadConnection(target, (error) => {
        reject(error);
        fail(error);
      });
      connection.socket.once('connect', () => {
        if (target.raw) resolve(connection);
        else connection.#shakeHands(target, () => resolve(connection), reject);
      });
    });
  }

  #shakeHands(target: Target, done: () => void, refuse: (error: Error) => void): void {
    const key = randomBytes(16).toString('base64');
    const accept = createHash('sha1').update(key).update(GUID).digest('base64');
    let head = '';
    this.receive = (bytes, size) => {
      head += bytes.toString('latin1', 0, size);
      if (!head.endsWith('\r\n\r\n')) return;
      this.receive = () => {};
      if (!head.startsWith('HTTP/1.1 101') || !head.includes(accept)) {
        refuse(new Error(`The opening handshake was refused: ${head.slice(0, 200)}`));
        return;
      }
      this.extensions = /^sec-websocket-extensions: *(.*)\r$/im.exec(head)?.[1] ?? '';
      done();
    };
    const extensions = target.offer === undefined ? '' : `Sec-WebSocket-Extensions: ${target.offer}\r\n`;
    this.socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${extensions}\r\n`,
    );
  }

  /** Drops the connection at once; leaves no port in TIME_WAIT. */
  drop(): void {
    this.socket.removeAllListeners('error').removeAllListeners('close');
    this.socket.on('error', () => {});
    this.socket.resetAndDestroy();
  }
}

/** Opens many connections, at most `concurrency` handshakes at a time. */
export async function openAll(
  target: Target,
  count: number,
  fail: (error: Error) => void,
  concurrency = 64,
): Promise<LoadConnection[]> {
  const connections: LoadConnection[] = [];
  let left = count;
  const opener = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      connections.push(await LoadConnection.open(target, fail));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, opener));
  return connections;
}
