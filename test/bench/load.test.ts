// The load generator must notice what a benchmark would otherwise hide: a wrong byte, a lost message, a refusal.
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { CompressedEchoWork } from '../../bench/load/compressed-echo.ts';
import { offerFor } from '../../bench/load/compression.ts';
import { EchoWork } from '../../bench/load/echo.ts';
import { FrameCounter, fragmentedMessage, serverFrame } from '../../bench/load/frames.ts';
import { payloadRing } from '../../bench/load/payloads.ts';
import { ExpectedStream, ringOf } from '../../bench/load/stream.ts';
import type { Work } from '../../bench/load/work.ts';
import type { Deflate, EchoScenario } from '../../bench/scenarios.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const scenario = (more: Partial<EchoScenario> = {}): EchoScenario => ({
  kind: 'echo',
  name: 'test',
  title: 'test',
  connections: 3,
  inFlight: 4,
  payload: { size: 200, form: 'ascii' },
  ...more,
});

async function rawServer(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function wsServer(perMessageDeflate: boolean, answer: (data: Buffer) => Buffer): Promise<number> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: perMessageDeflate && { threshold: 0 },
  });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data, binary) => {
      if (Buffer.isBuffer(data)) socket.send(answer(data), { binary });
    });
  });
  closing.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Runs a work until some hundred messages came back, or until it reports a fault. */
async function runWork(make: (fail: (error: Error) => void) => Work): Promise<Work> {
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const work = make((error) => fail(error));
  const run = async (): Promise<Work> => {
    await work.open();
    work.start();
    while (work.completed < 300) await new Promise((resolve) => setTimeout(resolve, 5));
    await work.stop();
    return work;
  };
  return Promise.race([run(), failed]);
}

const same = (data: Buffer): Buffer => data;

/** Flips one bit of the hundredth message. */
function corrupting(): (data: Buffer) => Buffer {
  let number = 0;
  return (data) => {
    number += 1;
    if (number === 100) data[7] = (data[7] ?? 0) ^ 1;
    return data;
  };
}

describe('the echo load', () => {
  it('accounts for every message of an honest server', async () => {
    const port = await wsServer(false, same);
    const work = await runWork((fail) => new EchoWork(scenario(), { port, raw: false }, fail));
    expect(work.completed).toBe(work.sent);
    expect(work.completed).toBeGreaterThanOrEqual(300);
  });

  it('counts what a bare socket sends back', async () => {
    const port = await rawServer((socket) => socket.pipe(socket));
    const work = await runWork((fail) => new EchoWork(scenario(), { port, raw: true }, fail));
    expect(work.completed).toBe(work.sent);
  });

  it('fails at one flipped bit', async () => {
    const port = await wsServer(false, corrupting());
    const run = runWork((fail) => new EchoWork(scenario(), { port, raw: false }, fail));
    await expect(run).rejects.toThrow('An echoed byte differs');
  });

  it('fails when the server drops a connection', async () => {
    const port = await rawServer((socket) => {
      socket.once('data', (chunk) => socket.end(chunk));
    });
    const run = runWork((fail) => new EchoWork(scenario(), { port, raw: true }, fail));
    await expect(run).rejects.toThrow(/closed a connection|ECONNRESET|EPIPE/);
  });

  it('fails when the opening handshake is refused', async () => {
    const port = await rawServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'));
    });
    const run = runWork((fail) => new EchoWork(scenario(), { port, raw: false }, fail));
    await expect(run).rejects.toThrow('The opening handshake was refused');
  });
});

describe('the compressed echo load', () => {
  const compressed = (deflate: Deflate): EchoScenario =>
    scenario({ deflate, inFlight: 1, payload: { size: 500, form: 'json' } });

  it.each<Deflate>(['takeover', 'no-takeover'])('speaks permessage-deflate with %s', async (deflate) => {
    const port = await wsServer(true, same);
    const target = { port, raw: false, offer: offerFor(deflate) };
    const work = await runWork((fail) => new CompressedEchoWork(compressed(deflate), target, fail));
    expect(work.completed).toBe(work.sent);
  });

  it('fails at one flipped bit', async () => {
    const port = await wsServer(true, corrupting());
    const target = { port, raw: false, offer: offerFor('takeover') };
    const one = { ...compressed('takeover'), connections: 1 };
    const run = runWork((fail) => new CompressedEchoWork(one, target, fail));
    await expect(run).rejects.toThrow('differs from the message');
  });

  it('fails when the server does not agree to compress', async () => {
    const port = await wsServer(false, same);
    const target = { port, raw: false, offer: offerFor('takeover') };
    const run = runWork((fail) => new CompressedEchoWork(compressed('takeover'), target, fail));
    await expect(run).rejects.toThrow('did not agree to permessage-deflate');
  });
});

describe('frames and rings', () => {
  it('counts frames however the stream is cut', () => {
    const sizes = [0, 1, 125, 126, 65_535, 65_536];
    const stream = Buffer.concat(sizes.map((size) => serverFrame(Buffer.alloc(size, 1), { opcode: 2 })));
    for (const step of [1, 2, 3, 7, 1000, stream.length]) {
      const counter = new FrameCounter();
      let frames = 0;
      for (let at = 0; at < stream.length; at += step) {
        const piece = stream.subarray(at, at + step);
        frames += counter.count(piece, piece.length);
      }
      expect(frames).toBe(sizes.length);
    }
  });

  it('follows an expected stream cut anywhere, and refuses a wrong byte in it', () => {
    const ring = ringOf({ size: 20, form: 'ascii' }, false);
    const twice = Buffer.concat([ring.expected, ring.expected]);
    const stream = new ExpectedStream(ring);
    let messages = 0;
    for (let at = 0; at < twice.length; at += 13) {
      const piece = twice.subarray(at, at + 13);
      messages += stream.check(piece, piece.length);
    }
    expect(messages).toBe(2 * ring.messages);
    const wrong = Buffer.from(ring.expected);
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
    expect(() => new ExpectedStream(ring).check(wrong, wrong.length)).toThrow('differs');
  });

  it('makes payloads of the exact size, the same ones every time', () => {
    const digest = (ring: Buffer[]): string => createHash('sha256').update(Buffer.concat(ring)).digest('hex');
    for (const form of ['ascii', 'multibyte', 'json', 'binary'] as const) {
      const ring = payloadRing({ size: 125, form });
      expect(ring.map((payload) => payload.length)).toEqual(new Array(64).fill(125));
      expect(digest(payloadRing({ size: 125, form }))).toBe(digest(ring));
      if (form === 'json') for (const payload of ring) JSON.parse(payload.toString());
      if (form === 'multibyte')
        expect(Buffer.from(String(ring[0])).equals(ring[0] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it('fragments a message into as many frames as asked', () => {
    const message = fragmentedMessage(Buffer.alloc(1024), 2, 8);
    expect(message.length).toBe(1024 + 8 * 8);
    expect([message[0], message[136], message[7 * 136]]).toEqual([0x02, 0x00, 0x80]);
  });
});
