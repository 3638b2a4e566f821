import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { StreamTransport } from '../../src/transport/stream.ts';
import { Notes } from './listener.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Two ends of one TCP connection. */
function tcp(): Promise<{ near: Socket; far: Socket }> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    servers.push(server);
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      far.on('error', () => {});
      server.once('connection', (near) => {
        sockets.push(near, far);
        resolve({ near, far });
      });
    });
  });
}

async function attached(
  shares: boolean,
): Promise<{ transport: StreamTransport; notes: Notes; near: Socket; far: Socket }> {
  const { near, far } = await tcp();
  const transport = new StreamTransport(near, undefined, shares);
  const notes = new Notes();
  transport.attach(notes);
  return { transport, notes, near, far };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Two streams in JavaScript, each handing on the very memory that was written to the other. */
function joined(): [Duplex, Duplex] {
  const there = new PassThrough();
  const back = new PassThrough();
  return [Duplex.from({ readable: back, writable: there }), Duplex.from({ readable: there, writable: back })];
}

describe.each([
  { reads: 'into the shared buffer', shares: true },
  { reads: "by 'data' events", shares: false },
])('stream transport over TCP, reading $reads', ({ shares }) => {
  it('carries bytes both ways', async () => {
    const { transport, notes, far } = await attached(shares);
    let received = '';
    far.on('data', (chunk: Buffer) => {
      received += chunk.toString();
    });
    transport.write([Buffer.from('one ')]);
    transport.write([Buffer.from('two '), Buffer.from('three '), Buffer.from('four')]);
    far.write('hello');
    await notes.until('data');
    expect(notes.received).toBe('hello');
    while (received.length < 18) await turn();
    expect(received).toBe('one two three four');
    expect(transport.bufferedAmount).toBe(0);
  });

  it('gives what was read before first', async () => {
    const { near, far } = await tcp();
    far.write(' behind');
    const transport = new StreamTransport(near, Buffer.from('before'), shares);
    const notes = new Notes();
    transport.attach(notes);
    expect(notes.received).toBe('before');
    await notes.until('data', () => notes.size >= 13);
    expect(notes.received).toBe('before behind');
  });

  it('gives what was read before and what waits as one chunk', async () => {
    const stream = new PassThrough();
    stream.write(' waits');
    const transport = new StreamTransport(stream, Buffer.from('before'), shares);
    const notes = new Notes();
    transport.attach(notes);
    expect(notes.chunks.map((chunk) => Buffer.from(chunk).toString())).toEqual(['before waits']);
    stream.write(' behind');
    await notes.until('data', () => notes.size >= 19);
    expect(notes.received).toBe('before waits behind');
  });

  it('stays paused when the first bytes ask for that', async () => {
    const { near, far } = await tcp();
    far.write('behind');
    const transport = new StreamTransport(near, Buffer.from('first'), shares);
    const notes = new Notes();
    const original = notes.data.bind(notes);
    notes.data = (chunk) => {
      original(chunk);
      if (notes.chunks.length === 1) transport.pause();
    };
    transport.attach(notes);
    for (let index = 0; index < 20; index += 1) await turn();
    expect(notes.received).toBe('first');
    transport.resume();
    await notes.until('data', () => notes.size >= 11);
    expect(notes.received).toBe('firstbehind');
  });

  it('may be paused and resumed before anybody listens', async () => {
    const { near, far } = await tcp();
    far.write('x');
    const transport = new StreamTransport(near, new Uint8Array(0), shares);
    transport.pause();
    transport.resume();
    await turn();
    const notes = new Notes();
    transport.attach(notes);
    await notes.until('data');
    expect(notes.received).toBe('x');
  });

  it('tells nothing when nothing had to wait', async () => {
    const { transport, notes, far } = await attached(shares);
    far.resume();
    expect(transport.write([Buffer.from('x'), Buffer.from('y')])).toBe(true);
    for (let index = 0; index < 5; index += 1) await turn();
    expect(notes.events).toEqual([]);
  });

  it('loses nothing while paused, and holds the sender back', async () => {
    const { transport, notes, far } = await attached(shares);
    transport.pause();
    const total = 8 * 1_048_576;
    far.write(Buffer.alloc(total, 'x'));
    for (let index = 0; index < 20; index += 1) await turn();
    expect(notes.size).toBeLessThan(total);
    expect(far.writableLength).toBeGreaterThan(0);
    transport.resume();
    await notes.until('data', () => notes.size === total);
  });

  it('lets others have their turn while a peer pours what takes long to use', async () => {
    const total = 8 * 1_048_576;
    // In a process of its own: this one is busy with what comes.
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const pourer = spawn(process.execPath, [
      '-e',
      `require('node:net').connect(${port}, '127.0.0.1').end(Buffer.alloc(${total}))`,
    ]);
    const [near] = (await once(server, 'connection')) as [Socket];
    sockets.push(near);
    const transport = new StreamTransport(near, undefined, shares);
    const notes = new Notes();
    let inThisTurn = 0;
    let most = 0;
    const original = notes.data.bind(notes);
    notes.data = (chunk) => {
      original(chunk);
      inThisTurn += 1;
      most = Math.max(most, inThisTurn);
      const until = performance.now() + 4;
      while (performance.now() < until);
    };
    const watch = (): void => {
      inThisTurn = 0;
      if (!notes.events.includes('ended')) setImmediate(watch);
    };
    transport.attach(notes);
    watch();
    await notes.until('ended');
    expect(notes.size).toBe(total);
    expect(most).toBeLessThanOrEqual(4);
    pourer.kill();
  });

  it('tells when what had to wait is written', async () => {
    const { transport, notes, far } = await attached(shares);
    const total = 16 * 1_048_576;
    expect(transport.write([Buffer.alloc(total)])).toBe(false);
    expect(transport.bufferedAmount).toBe(total);
    for (let index = 0; index < 10; index += 1) await turn();
    expect(notes.events).not.toContain('drained');
    far.resume();
    await notes.until('drained');
    expect(transport.bufferedAmount).toBe(0);
  });

  it('says whether the bytes were consumed', async () => {
    const { transport, far } = await attached(shares);
    const bytes = Buffer.from('mine');
    expect(transport.write([bytes])).toBe(true);
    bytes.fill('x');
    const received = await new Promise<Buffer>((resolve) => far.once('data', resolve));
    expect(received.toString()).toBe('mine');
  });

  it('ends one side at a time', async () => {
    const { transport, notes, far } = await attached(shares);
    let ended = false;
    far.on('end', () => {
      ended = true;
    });
    far.resume();
    transport.end();
    transport.end();
    while (!ended) await turn();
    expect(transport.write([Buffer.from('late')])).toBe(false);
    far.write('still');
    far.end();
    await notes.until('closed');
    expect(notes.events).toEqual(['data', 'ended', 'closed']);
    expect(notes.received).toBe('still');
    expect(notes.error).toBeUndefined();
  });

  it('reports a reset as its error, once, without throwing', async () => {
    const { transport, notes, far } = await attached(shares);
    far.resume();
    transport.write([Buffer.from('x')]);
    await turn();
    far.resetAndDestroy();
    for (let index = 0; index < 3; index += 1) transport.write([Buffer.alloc(100_000)]);
    await notes.until('closed');
    expect(notes.error).toBeInstanceOf(Error);
    expect(notes.events.filter((event) => event === 'closed')).toHaveLength(1);
    transport.write([Buffer.from('y')]);
    transport.end();
    transport.destroy();
    await turn();
    expect(notes.events.at(-1)).toBe('closed');
  });

  it('keeps order whatever has to wait, alone, in parts and under a cork, and counts all that waits', async () => {
    const { transport, notes, near, far } = await attached(shares);
    far.pause();
    const sent: Buffer[] = [];
    const write = (...sizes: readonly number[]): boolean => {
      const parts = sizes.map((size) => Buffer.alloc(size, sent.length % 251));
      sent.push(...parts);
      return transport.write(parts);
    };
    expect(write(10)).toBe(true);
    // What is larger than the system takes goes in part, by each of the ways; then all the others have to wait.
    expect(write(16 * 1_048_576)).toBe(false);
    expect(write(10)).toBe(false);
    expect(write(20, 70_000)).toBe(false);
    expect(transport.bufferedAmount).toBeGreaterThan(70_030);
    far.resume();
    const received: Buffer[] = [];
    far.on('data', (chunk: Buffer) => received.push(chunk));
    await notes.until('drained');
    expect(transport.bufferedAmount).toBe(0);
    near.cork();
    expect(write(30)).toBe(false);
    expect(transport.bufferedAmount).toBe(30);
    near.uncork();
    expect(write(40)).toBe(true);
    const total = sent.reduce((sum, { length }) => sum + length, 0);
    while (near.bytesWritten < total || received.reduce((sum, { length }) => sum + length, 0) < total)
      await turn();
    expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
    expect(transport.bufferedAmount).toBe(0);
  });

  it('sends all that waits before its end', async () => {
    const { transport, notes, far } = await attached(shares);
    transport.write([Buffer.alloc(8 * 1_048_576, 7)]);
    expect(transport.bufferedAmount).toBeGreaterThan(0);
    transport.end();
    let size = 0;
    far.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    far.on('end', () => far.end());
    await notes.until('closed');
    expect(size).toBe(8 * 1_048_576);
    expect(notes.error).toBeUndefined();
  });

  it('reports a reset that comes while bytes wait', async () => {
    const { transport, notes, far } = await attached(shares);
    far.pause();
    expect(transport.write([Buffer.alloc(16 * 1_048_576)])).toBe(false);
    far.resetAndDestroy();
    await notes.until('closed');
    expect(notes.error).toBeInstanceOf(Error);
    expect(transport.bufferedAmount).toBe(0);
  });

  it('counts nothing as waiting once the stream is dead', async () => {
    const { transport, notes } = await attached(shares);
    transport.write([Buffer.alloc(16 * 1_048_576)]);
    expect(transport.bufferedAmount).toBeGreaterThan(0);
    transport.destroy();
    expect(transport.bufferedAmount).toBe(0);
    await notes.until('closed');
    expect(transport.bufferedAmount).toBe(0);
  });

  it.each([
    ['destroyed', (near: Socket) => void near.destroy()],
    ['ended by somebody else', (near: Socket) => void near.end()],
  ])('takes nothing for a stream that is %s, and breaks nothing', async (_how, spoil) => {
    const { transport, notes, near, far } = await attached(shares);
    const received: Buffer[] = [];
    far.on('data', (chunk: Buffer) => received.push(chunk));
    far.on('end', () => far.end());
    spoil(near);
    expect(transport.write([Buffer.from('x')])).toBe(false);
    expect(transport.write([Buffer.from('y'), Buffer.from('z')])).toBe(false);
    expect(transport.bufferedAmount).toBe(0);
    transport.end();
    await notes.until('closed');
    expect(notes.error).toBeUndefined();
    expect(received).toEqual([]);
  });

  it('is dropped at once', async () => {
    const { transport, notes, far } = await attached(shares);
    const gone = new Promise<void>((resolve) => far.once('close', () => resolve()));
    far.resume();
    far.on('end', () => far.end());
    transport.destroy();
    await notes.until('closed');
    await gone;
    expect(notes.error).toBeUndefined();
  });

  it('tells a listener that comes too late, after what was read before', async () => {
    const { near } = await tcp();
    const transport = new StreamTransport(near, Buffer.from('head'), shares);
    near.destroy();
    await new Promise((resolve) => near.once('close', resolve));
    const notes = new Notes();
    transport.attach(notes);
    expect(notes.events).toEqual(['data']);
    await notes.until('closed');
    expect(notes.received).toBe('head');
    expect(notes.events).toEqual(['data', 'closed']);
  });

  it('swallows errors that come before anybody listens, and after the end', async () => {
    const { near } = await tcp();
    const transport = new StreamTransport(near, undefined, shares);
    near.destroy(new Error('early'));
    await turn();
    const notes = new Notes();
    transport.attach(notes);
    await notes.until('closed');
    expect(notes.error).toMatchObject({ message: 'early' });
    near.emit('error', new Error('late'));
    near.emit('close');
    expect(notes.events).toEqual(['closed']);
  });
});

describe('stream transport over streams in JavaScript', () => {
  it('never calls memory consumed that the other side still reads', async () => {
    const [near, far] = joined();
    const sender = new StreamTransport(near);
    const receiver = new StreamTransport(far);
    const notes = new Notes();
    sender.attach(new Notes());
    const bytes = Buffer.from('mine');
    expect(sender.write([bytes])).toBe(false);
    receiver.attach(notes);
    await notes.until('data');
    expect(notes.received).toBe('mine');
  });

  it('gives the listener memory of its own, which it may change', async () => {
    const [near, far] = joined();
    const transport = new StreamTransport(far);
    const notes = new Notes();
    transport.attach(notes);
    const shared = Buffer.from('shared');
    near.write(shared);
    await notes.until('data');
    notes.chunks[0]?.fill(0);
    expect(shared.toString()).toBe('shared');
  });

  it('does so too with what waits when somebody attaches', () => {
    const stream = new PassThrough();
    const shared = Buffer.from('shared');
    stream.write(shared);
    const notes = new Notes();
    new StreamTransport(stream).attach(notes);
    expect(notes.received).toBe('shared');
    notes.chunks[0]?.fill(0);
    expect(shared.toString()).toBe('shared');
  });

  it('closes a stream that throws when it is written to', async () => {
    for (const thrown of [new Error('broken'), 'broken']) {
      const stream = new Duplex({
        read() {},
        write() {
          throw thrown;
        },
      });
      const transport = new StreamTransport(stream);
      const notes = new Notes();
      transport.attach(notes);
      expect(transport.write([Buffer.from('a'), Buffer.from('b')])).toBe(false);
      // A turn later, for where the stack is full destroying would stop halfway; and until then nothing is written.
      expect(stream.destroyed).toBe(false);
      expect(transport.write([Buffer.from('c')])).toBe(false);
      await notes.until('closed');
      if (thrown instanceof Error) expect(notes.error).toBe(thrown);
      else expect(notes.error).toMatchObject({ message: 'the stream threw', cause: thrown });
    }
  });

  it('writes parts as one, tells the end, and closes', async () => {
    const [near, far] = joined();
    const sender = new StreamTransport(near);
    const receiver = new StreamTransport(far);
    const nearNotes = new Notes();
    const farNotes = new Notes();
    sender.attach(nearNotes);
    receiver.attach(farNotes);
    sender.write([Buffer.from('a'), Buffer.from('b')]);
    await nearNotes.until('drained');
    sender.end();
    await farNotes.until('ended');
    expect(farNotes.received).toBe('ab');
    receiver.end();
    await farNotes.until('closed');
    await nearNotes.until('closed');
    expect(nearNotes.error).toBeUndefined();
  });
});
