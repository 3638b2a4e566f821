// A peer without an engine: a socket, an opening request, and frames written byte by byte.
// Rule: it checks nothing and keeps nothing; what it does to the server is all that it is for.
import { connect, type Socket } from 'node:net';

/** The opening request of a client without fault. */
export const requestHead = (path: string, extra = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${extra}\r\n`;

export const offersDeflate = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';

/** A frame's header with a masking key of zeros: the payload goes as it is (RFC 6455 §5.2). */
export function frameHeader(first: number, length: number): Buffer {
  const header = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
  header[0] = first;
  if (length < 126) header[1] = 0x80 | length;
  else if (length < 65_536) {
    header[1] = 0xfe;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 0xff;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return header;
}

export const frame = (first: number, payload: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(payload);
  return Buffer.concat([frameHeader(first, bytes.length), bytes]);
};

/** Connects; the socket reads nothing until somebody listens, and an error is no news. */
export function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** Connects and waits for the 101. Afterwards the socket is paused. */
export async function dialWebSocket(port: number, path: string, extra = ''): Promise<Socket> {
  const socket = await dial(port);
  socket.write(requestHead(path, extra));
  await new Promise<void>((resolve, reject) => {
    let head = '';
    const onData = (chunk: Buffer): void => {
      const before = head.length;
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n') + 4;
      if (end < 4) return;
      socket.off('data', onData);
      socket.pause();
      // Frames that came with the head are for whoever listens next.
      if (end < head.length) socket.unshift(chunk.subarray(end - before));
      if (head.startsWith('HTTP/1.1 101')) resolve();
      else reject(new Error(`The opening handshake was refused: ${head.slice(0, 80)}`));
    };
    socket.on('data', onData);
    socket.once('close', () => reject(new Error('The server closed the connection.')));
  });
  return socket;
}

/** Writes and waits until the system has taken it, or the socket is gone. */
export function write(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else {
      socket.once('close', resolve);
      socket.write(bytes, () => {
        socket.off('close', resolve);
        resolve();
      });
    }
  });
}

/** Waits until the socket is gone; what it still receives is thrown away. */
export function gone(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}
