import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { hasNoQueue, straightWriteOf } from '../../src/transport/straight-write.ts';

/** Two ends of one TCP connection, while `use` runs. */
async function connected(use: (near: Socket, far: Socket) => Promise<void> | void): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const far = connect(port, '127.0.0.1');
  const [near]: Socket[] = await once(server, 'connection');
  try {
    if (near !== undefined) await use(near, far);
  } finally {
    far.destroy();
    near?.destroy();
    server.close();
  }
}

describe('the way past the queue', () => {
  it('is that of a plain socket, and hands the bytes to the system', () =>
    connected(async (near, far) => {
      const write = straightWriteOf(near);
      expect(write).toBeTypeOf('function');
      let taken = false;
      write?.call(near, Buffer.from('bytes'), 'buffer', (error) => {
        taken = error === null || error === undefined;
      });
      const [chunk] = await once(far, 'data');
      expect(String(chunk)).toBe('bytes');
      expect(taken).toBe(true);
      expect(near.bytesWritten).toBe(5);
    }));

  it('passes nobody by who has put a way to write of their own into a socket', () =>
    connected((near) => {
      for (const name of ['write', '_write'] as const) {
        Object.defineProperty(near, name, { value: () => true, configurable: true });
        expect(straightWriteOf(near)).toBeUndefined();
        Reflect.deleteProperty(near, name);
      }
      expect(straightWriteOf(near)).toBeDefined();
    }));

  it('is not that of a socket before it is connected, of TLS, of another class, of any other stream', () => {
    const connecting = connect({ port: 1, host: '127.0.0.1' }).on('error', () => {});
    class Other extends Socket {}
    for (const stream of [connecting, new TLSSocket(new Socket()), new Other(), new PassThrough()]) {
      expect(straightWriteOf(stream)).toBeUndefined();
      stream.destroy();
    }
  });

  it('is not there where a Node has none', () => {
    const own = Object.getOwnPropertyDescriptor(Socket.prototype, '_write');
    const socket = new Socket();
    try {
      Object.defineProperty(Socket.prototype, '_write', { value: undefined, configurable: true });
      expect(straightWriteOf(socket)).toBeUndefined();
    } finally {
      if (own !== undefined) Object.defineProperty(Socket.prototype, '_write', own);
    }
    expect(straightWriteOf(socket)).toBeDefined();
  });
});

describe('a queue', () => {
  it('is there when something waits in it, or is held back from it', () =>
    connected((near) => {
      expect(hasNoQueue(near)).toBe(true);
      near.cork();
      expect(hasNoQueue(near)).toBe(false);
      near.uncork();
      expect(hasNoQueue(near)).toBe(true);
      near.write(Buffer.alloc(32 * 1_048_576));
      expect(hasNoQueue(near)).toBe(false);
    }));
});
