/** Which sockets are read into the shared buffer, and that all others are left as they are. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { Region } from '../../src/frame/region.ts';
import { readInto, sharedRegion } from '../../src/transport/shared-read.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function tcp(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const far = connect({ port, host: '127.0.0.1' });
  const [near] = await accepted;
  sockets.push(near, far);
  return { near, far };
}

const small = (): Region => new Region(new Uint8Array(8));
const never = (): boolean => true;

describe('readInto', () => {
  it('is available on this Node for a plain socket', async () => {
    const { near } = await tcp();
    expect(readInto(near, small(), never)).toBe(true);
  });

  it('reads every byte into the region, a piece of its size at a time, and then tells the end', async () => {
    const { near, far } = await tcp();
    const region = small();
    let received = '';
    const read = readInto(near, region, function (size) {
      expect(this).toBe(near);
      received += Buffer.from(region.bytes.subarray(0, size)).toString();
      return true;
    });
    expect(read).toBe(true);
    let emitted = 0;
    near.on('end', () => {
      emitted += 1;
    });
    near.resume();
    far.end('twenty bytes of text');
    await once(near, 'end');
    expect(received).toBe('twenty bytes of text');
    expect(emitted).toBe(1);
    expect(near.bytesRead).toBe(20);
  });

  it('stops when told so, and goes on with resume', async () => {
    const { near, far } = await tcp();
    const region = small();
    let received = 0;
    readInto(near, region, (size) => {
      received += size;
      return received > 8;
    });
    near.resume();
    far.write('sixteen bytes ok');
    while (received < 8) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(received).toBe(8);
    near.pause();
    near.resume();
    while (received < 16) await new Promise((resolve) => setImmediate(resolve));
    expect(received).toBe(16);
  });

  it('leaves alone a socket that somebody else reads', async () => {
    for (const event of ['data', 'readable']) {
      const { near, far } = await tcp();
      near.on(event, () => {});
      expect(readInto(near, small(), never)).toBe(false);
      near.removeAllListeners(event);
      const data = once(near, 'data') as Promise<[Buffer]>;
      near.resume();
      far.write('seen');
      expect((await data)[0].toString()).toBe('seen');
    }
  });

  it('leaves alone a socket with bytes in its own buffer, with an encoding, or with a buffer of its own', async () => {
    const { near, far } = await tcp();
    far.write('early');
    near.read(0);
    while (near.readableLength < 5) await new Promise((resolve) => setImmediate(resolve));
    expect(readInto(near, small(), never)).toBe(false);
    expect(near.read()?.toString()).toBe('early');
    expect(readInto(near, small(), never)).toBe(true);
    expect(readInto(near, small(), never)).toBe(false);
    const other = (await tcp()).near;
    other.setEncoding('utf8');
    expect(readInto(other, small(), never)).toBe(false);
  });

  it('leaves alone what is no plain open socket', async () => {
    const { near } = await tcp();
    expect(readInto(new PassThrough(), small(), never)).toBe(false);
    expect(readInto(new Socket(), small(), never)).toBe(false);
    expect(readInto(new TLSSocket(near), small(), never)).toBe(false);
    const closed = (await tcp()).near;
    closed.destroy();
    expect(readInto(closed, small(), never)).toBe(false);
  });
});

describe('sharedRegion', () => {
  it('is one buffer for the process', () => {
    expect(sharedRegion()).toBe(sharedRegion());
    expect(Buffer.isBuffer(sharedRegion().bytes)).toBe(true);
  });
});
