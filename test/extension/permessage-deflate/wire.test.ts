/**
 * permessage-deflate on real sockets: bombs, damaged and cut messages however they are framed, and the offers and
 * habits of browsers.
 */
import { constants, deflateRawSync } from 'node:zlib';
import { type Config, type Connection, listen, type Server } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { clientFrame, headOf, openingLines, Wire } from '../../framework/wire.ts';
import { noise, ReferenceDeflater, ReferenceInflater, records, takeover } from './reference.ts';
import { openZlibHandles } from './zlib-handles.ts';

const mebibyte = 1 << 20;
let server: Server | undefined;

/** A server that echoes, and counts what it was given. */
const serve = async (config: Config = {}): Promise<{ port: number; received: (string | Uint8Array)[] }> => {
  const received: (string | Uint8Array)[] = [];
  const echo = async (connection: Connection): Promise<void> => {
    for await (const message of connection) {
      received.push(message);
      await connection.send(message);
    }
  };
  server = await listen({ port: 0, host: '127.0.0.1' }, (context) => context.upgrade(echo), {
    perMessageDeflate: true,
    ...config,
  });
  return { port: server.port, received };
};

afterEach(async () => {
  Wire.destroyAll();
  await server?.close({ timeout: 100 });
  server = undefined;
});

const open = async (port: number, offer: string): Promise<{ wire: Wire; answer: string | undefined }> => {
  const wire = await Wire.open(port);
  wire.write(headOf([...openingLines(), `Sec-WebSocket-Extensions: ${offer}`]));
  const head = await wire.head();
  expect(head).toMatch(/^HTTP\/1\.1 101 /);
  return { wire, answer: /^sec-websocket-extensions: (.*)$/im.exec(head)?.[1] };
};

interface Received {
  readonly first: number;
  readonly payload: Buffer;
}

/** The whole frames that came behind the response head. */
const framesOf = ({ body }: Wire): Received[] => {
  const frames: Received[] = [];
  for (let at = 0; at + 2 <= body.length; ) {
    const short = body[at + 1] ?? 0;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + header > body.length) break;
    const length =
      short < 126 ? short : short === 126 ? body.readUInt16BE(at + 2) : Number(body.readBigUInt64BE(at + 2));
    if (at + header + length > body.length) break;
    frames.push({ first: body[at] ?? 0, payload: body.subarray(at + header, at + header + length) });
    at += header + length;
  }
  return frames;
};

const frameAt = async (wire: Wire, index: number): Promise<Received> => {
  await wire.until((each) => framesOf(each).length > index || each.closed, `frame ${index}`);
  const frame = framesOf(wire)[index];
  if (frame === undefined) throw new Error('the connection closed');
  return frame;
};

/** The code of the Close that is the next frame. */
const closeCode = async (wire: Wire): Promise<number> => {
  const { first, payload } = await frameAt(wire, 0);
  expect(first).toBe(0x88);
  return payload.readUInt16BE(0);
};

/** A message's frames: the first one says that it is compressed. */
const fragmentsOf = (payload: Uint8Array, pieces: number): Buffer[] => {
  const size = payload.length / pieces;
  return Array.from({ length: pieces }, (_, index) =>
    clientFrame(
      (index === 0 ? 0x42 : 0) | (index === pieces - 1 ? 0x80 : 0),
      payload.subarray(Math.floor(index * size), Math.floor((index + 1) * size)),
    ),
  );
};

const sync = (message: Uint8Array, level = 9): Buffer =>
  deflateRawSync(message, { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

describe('messages of a stream', () => {
  it.each([
    ['with context takeover', 'permessage-deflate; client_max_window_bits', true],
    ['without', 'permessage-deflate; client_no_context_takeover; server_no_context_takeover', false],
  ])(
    'stay what they were, %s, of every size, text and bytes, whole and in fragments',
    async (_, offer, lasts) => {
      const { port, received } = await serve({ perMessageDeflate: { threshold: 0 } });
      const { wire } = await open(port, offer);
      const direction = { windowBits: lasts ? 12 : 15, contextTakeover: lasts };
      const deflater = new ReferenceDeflater(direction);
      const inflater = new ReferenceInflater({ ...direction, windowBits: 15 });
      const sizes = [1, 20, 125, 1024, 1366, 4096, 4097, 9000, 30_000, 70_000, 125, 1024];
      const sent = sizes.flatMap((size, index) => [
        { isText: true, bytes: records(size, index + 1), pieces: 1 },
        { isText: true, bytes: Buffer.from('né語'.repeat(size).slice(0, size)), pieces: 1 },
        { isText: false, bytes: noise(size, index + 1), pieces: 1 },
        { isText: false, bytes: records(size, index + 50), pieces: Math.min(size, 3) },
      ]);
      for (const { isText, bytes, pieces } of sent) {
        const payload = deflater.deflate(bytes);
        const [first, ...others] = fragmentsOf(payload, Math.min(pieces, payload.length));
        if (first !== undefined && isText) first[0] = (first[0] ?? 0) ^ 3;
        wire.write(Buffer.concat([first ?? Buffer.alloc(0), ...others]));
      }
      for (const [index, { isText, bytes }] of sent.entries()) {
        const { first, payload } = await frameAt(wire, index);
        expect(first).toBe(isText ? 0xc1 : 0xc2);
        expect(inflater.inflate(payload).equals(bytes)).toBe(true);
      }
      // All of them, when the last has come: none is memory that another one was written to.
      expect(received).toHaveLength(sent.length);
      for (const [index, { isText, bytes }] of sent.entries()) {
        const message = received[index] ?? '';
        expect(typeof message === 'string').toBe(isText);
        expect(Buffer.from(message).equals(bytes)).toBe(true);
      }
    },
  );
});

describe('a bomb', () => {
  const bomb = sync(Buffer.alloc(64 * mebibyte));

  it.each([
    ['in one frame', 1],
    ['spread over 1000 fragments', 1000],
  ])('of 64 MiB %s ends with 1009: at the limit, and with nothing left of it', async (_how, pieces) => {
    expect(bomb.length).toBeLessThan(66_000);
    const { port, received } = await serve({ maxMessageSize: mebibyte });
    const handles = openZlibHandles();
    const { wire } = await open(port, 'permessage-deflate');
    const frames = fragmentsOf(bomb, pieces);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 0);
    for (const frame of frames) wire.write(frame);
    expect(await closeCode(wire)).toBe(1009);
    clearInterval(watch);
    expect(most).toBeLessThan(3 * mebibyte);
    expect(received).toEqual([]);
    wire.destroy();
    await server?.close({ timeout: 100 });
    expect(openZlibHandles()).toBe(handles);
  });

  it('is what comes out one byte beyond the limit, and a message at the limit', async () => {
    const { port, received } = await serve({ maxMessageSize: mebibyte });
    const { wire } = await open(port, 'permessage-deflate');
    for (const frame of fragmentsOf(sync(Buffer.alloc(mebibyte)), 10)) wire.write(frame);
    await frameAt(wire, 0);
    expect(received.map(({ length }) => length)).toEqual([mebibyte]);
    const other = await open(port, 'permessage-deflate');
    for (const frame of fragmentsOf(sync(Buffer.alloc(mebibyte + 1)), 10)) other.wire.write(frame);
    expect(await closeCode(other.wire)).toBe(1009);
  });

  it('inside a message just below the limit is a message', async () => {
    const { port, received } = await serve({ maxMessageSize: bomb.length + 1 });
    const { wire } = await open(port, 'permessage-deflate');
    wire.write(Buffer.concat(fragmentsOf(sync(bomb), 1)));
    await frameAt(wire, 0);
    expect(received.map((message) => Buffer.from(message).equals(bomb))).toEqual([true]);
  });
});

describe('a message in fragments', () => {
  it('is the same wherever it is cut', async () => {
    const { port, received } = await serve();
    const { wire } = await open(port, 'permessage-deflate');
    const writer = new ReferenceDeflater(takeover(15));
    const sent = records(150);
    const count = 40;
    for (let cut = 0; cut < count; cut += 1) {
      const payload = writer.deflate(sent);
      const at = cut % payload.length;
      wire.write(clientFrame(0x41, payload.subarray(0, at)));
      wire.write(clientFrame(0x89, 'between'));
      wire.write(clientFrame(0x80, payload.subarray(at)));
    }
    await wire.until(() => received.length === count, 'the messages');
    expect(new Set(received)).toEqual(new Set([sent.toString()]));
  });

  const hello = 'f348cdc9c90700';
  it.each([
    ['bytes behind a final block', `${hello}deadbeef`],
    ['a block behind a final block', `${hello}f248cdc9c90700`],
    ['another final block behind a final block', `${hello}${hello}00`],
    ['a message cut off', 'f248cdc9c9'],
    ['text that is not UTF-8', sync(Buffer.from([0xc3, 0x28])).toString('hex')],
  ])('%s ends with 1007 wherever it is cut', async (_what, hex) => {
    const { port, received } = await serve();
    const payload = Buffer.from(hex, 'hex');
    for (let cut = 0; cut <= payload.length; cut += 1) {
      const { wire } = await open(port, 'permessage-deflate');
      wire.write(clientFrame(0x41, payload.subarray(0, cut)));
      wire.write(clientFrame(0x80, payload.subarray(cut)));
      expect([cut, await closeCode(wire)]).toEqual([cut, 1007]);
      wire.destroy();
    }
    expect(received).toEqual([]);
  });

  it('may end with a final block, with an empty block behind it or none, and the next one goes on', async () => {
    const { port, received } = await serve();
    const { wire } = await open(port, 'permessage-deflate');
    for (const hex of [`${hello}00`, 'f200110000', hello, 'f200110000', '01', 'f200110000']) {
      const payload = Buffer.from(hex, 'hex');
      wire.write(clientFrame(0x41, payload.subarray(0, payload.length - 1)));
      wire.write(clientFrame(0x80, payload.subarray(payload.length - 1)));
    }
    await wire.until(() => received.length === 6, 'the messages');
    expect(received).toEqual(['Hello', 'Hello', 'Hello', 'Hello', '', 'Hello']);
  });
});

describe('browsers', () => {
  it.each([
    [
      'Chromium',
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; client_max_window_bits=12',
    ],
    // Firefox and Safari since 15: what they did not offer they would refuse in an answer.
    ['Firefox, and Safari from 15 on', 'permessage-deflate', 'permessage-deflate'],
    // An empty header would be taken for a fault.
    ['Safari up to 14', 'x-webkit-deflate-frame', undefined],
    ['one that offers both', 'x-webkit-deflate-frame, permessage-deflate', 'permessage-deflate'],
  ])('%s: the offer %s is answered with %s', async (_browser, offer, expected) => {
    const { port } = await serve();
    const { wire, answer } = await open(port, offer);
    expect(answer).toBe(expected);
    expect((await wire.head()).match(/sec-websocket-extensions/gi)?.length).toBe(expected && 1);
    const text = records(300).toString();
    wire.write(clientFrame(0x81, text));
    const { first, payload } = await frameAt(wire, 0);
    expect(first).toBe(expected === undefined ? 0x81 : 0xc1);
    expect(
      (expected === undefined ? payload : new ReferenceInflater(takeover(15)).inflate(payload)).toString(),
    ).toBe(text);
  });

  it('Safari 15: a client that keeps its window of 15 bits through all messages is understood', async () => {
    const { port, received } = await serve();
    const { wire } = await open(port, 'permessage-deflate');
    const writer = new ReferenceDeflater(takeover(15));
    const far = noise(20_000);
    const sent = [far, records(9000), far.subarray(0, 3000), records(10), far.subarray(1000, 4000)];
    for (const message of sent) wire.write(clientFrame(0xc2, writer.deflate(message)));
    await wire.until(() => received.length === sent.length, 'the messages');
    for (const [index, message] of sent.entries()) {
      expect(Buffer.from(received[index] ?? '').equals(message)).toBe(true);
    }
  });

  it('what a client of one window reads stays in step, whatever is compressed and what is not', async () => {
    const { port } = await serve();
    const { wire } = await open(port, 'permessage-deflate');
    const reader = new ReferenceInflater(takeover(15));
    // Short ones go as they are, 100,000 bytes by way of the thread pool.
    const sent = [100, 10, 100, 100_000, 5, 2000, 100, 100_000, 300].map((length) => records(length));
    for (const message of sent) wire.write(clientFrame(0x82, message));
    for (const [index, message] of sent.entries()) {
      const { first, payload } = await frameAt(wire, index);
      expect(first).toBe(message.length < 64 ? 0x82 : 0xc2);
      expect((first === 0x82 ? payload : reader.inflate(payload)).equals(message)).toBe(true);
    }
  });

  it('a client that was refused compression and compresses all the same is told so with 1002', async () => {
    const { port } = await serve({ perMessageDeflate: false });
    const { wire, answer } = await open(port, 'permessage-deflate');
    expect(answer).toBeUndefined();
    wire.write(clientFrame(0xc1, sync(Buffer.from('Hello'))));
    expect(await closeCode(wire)).toBe(1002);
  });
});
