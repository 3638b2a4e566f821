import type { Socket } from 'node:net';
import { type ConnectOptions, connect, HandshakeError, TimeoutError } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { goodLines, type Heard, Hostile, headText } from './hostile.ts';

const hostiles: Hostile[] = [];

async function hostile(answer: (socket: Socket, request: Heard) => void): Promise<Hostile> {
  const server = await Hostile.listen(answer);
  hostiles.push(server);
  return server;
}

/** Answers with the good head, changed. */
const answering = (change: (lines: string[]) => readonly string[]): Promise<Hostile> =>
  hostile((socket, { key }) => socket.write(headText(change(goodLines(key))), 'latin1'));

/** The error of a handshake that has to fail, with its socket gone. */
async function refusal(server: Hostile, options: ConnectOptions = {}): Promise<HandshakeError> {
  const error = await connect(server.url, { handshakeTimeout: 3_000, ...options }).then(
    () => new Error('a connection was opened'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HandshakeError);
  expect(await server.deserted()).toBe(true);
  if (!(error instanceof HandshakeError)) throw error;
  return error;
}

const replaced = (lines: string[], from: string, ...to: string[]): string[] =>
  lines.flatMap((line) => (line.toLowerCase().startsWith(from) ? to : [line]));

afterEach(async () => {
  await Promise.all(hostiles.splice(0).map((server) => server.close()));
});

describe('answers that open no connection', () => {
  const cases: readonly [name: string, change: (lines: string[]) => string[], status: number][] = [
    [
      'T-CLI-ACC: a wrong accept',
      (l) => replaced(l, 'sec-', `Sec-WebSocket-Accept: ${'A'.repeat(27)}=`),
      101,
    ],
    ['T-CLI-ACC: no accept', (l) => replaced(l, 'sec-'), 101],
    ['T-CLI-ACC: two accepts', (l) => [...l, l.at(-1) ?? ''], 101],
    ['T-CLI-101: HTTP/1.0', (l) => replaced(l, 'http', 'HTTP/1.0 101 Switching Protocols'), 101],
    ['T-CLI-101: HTTP/2.0', (l) => replaced(l, 'http', 'HTTP/2.0 101 Switching Protocols'), 101],
    ['T-CLI-101: Content-Length', (l) => [...l, 'Content-Length: 0'], 101],
    ['T-CLI-101: Transfer-Encoding', (l) => [...l, 'Transfer-Encoding: chunked'], 101],
    ['no Upgrade', (l) => replaced(l, 'upgrade'), 101],
    ['another Upgrade', (l) => replaced(l, 'upgrade', 'Upgrade: h2c'), 101],
    ['two Upgrades', (l) => [...l, 'Upgrade: websocket'], 101],
    ['no Connection', (l) => replaced(l, 'connection'), 101],
    ['another Connection', (l) => replaced(l, 'connection', 'Connection: close'), 101],
    ['T-CLI-EXT: an unrequested subprotocol', (l) => [...l, 'Sec-WebSocket-Protocol: v9'], 101],
    ['T-CLI-EXT: a subprotocol in another case', (l) => [...l, 'Sec-WebSocket-Protocol: V1'], 101],
    ['T-CLI-EXT: two subprotocols', (l) => [...l, 'Sec-WebSocket-Protocol: v1, v2'], 101],
    ['T-CLI-EXT: an empty subprotocol', (l) => [...l, 'Sec-WebSocket-Protocol:'], 101],
    ['T-CLI-EXT: an unrequested extension', (l) => [...l, 'Sec-WebSocket-Extensions: x-other'], 101],
    [
      'T-CLI-EXT: permessage-deflate twice',
      (l) => [...l, 'Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate'],
      101,
    ],
    [
      'T-CLI-EXT: an unknown parameter',
      (l) => [...l, 'Sec-WebSocket-Extensions: permessage-deflate; x=1'],
      101,
    ],
    [
      'T-CLI-EXT: a window of 16 bits',
      (l) => [...l, 'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16'],
      101,
    ],
    [
      'T-PMD-C: client_max_window_bits without a value',
      (l) => [...l, 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'],
      101,
    ],
    ['T-NONASCII: in the subprotocol', (l) => [...l, 'Sec-WebSocket-Protocol: v\xe91'], 101],
    ['T-NONASCII: in a name', (l) => [...l, 'X-\xff: 1'], 0],
    ['T-CLI-200: 200 without a length', () => ['HTTP/1.1 200 OK'], 200],
    [
      'T-CLI-200: 200 with chunks that never come',
      () => ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'],
      200,
    ],
    ['status 999', () => ['HTTP/1.1 999 Odd', 'Content-Length: 0'], 999],
    ['status 000', () => ['HTTP/1.1 000 Odd', 'Content-Length: 0'], 0],
    ['no HTTP at all', () => ['SSH-2.0-OpenSSH_9.2'], 0],
    ['a folded field', (l) => [...l, 'X-A: 1', ' 2'], 0],
    ['a space before a colon', (l) => [...l, 'X-A : 1'], 0],
    ['a control character', (l) => [...l, 'X-A: \x00'], 0],
    ['a bare line feed', (l) => [...l, 'X-A: 1\nX-B: 2'], 0],
    ['T-CLI-HEAD: 101 fields', (l) => [...l, ...Array.from({ length: 101 }, (_, i) => `X-${i}: 1`)], 0],
    ['T-CLI-HEAD: 16 KiB', (l) => [...l, `X-A: ${'a'.repeat(16_384)}`], 0],
  ];
  for (const [name, change, status] of cases) {
    it(`${name}`, async () => {
      const server = await answering(change);
      const options = { subprotocols: ['v1', 'v2'], perMessageDeflate: true };
      expect((await refusal(server, options)).status).toBe(status);
    });
  }

  it('T-CLI-EXT: compression that was not offered', async () => {
    const server = await answering((lines) => [...lines, 'Sec-WebSocket-Extensions: permessage-deflate']);
    expect((await refusal(server)).message).toMatch(/not offered/);
  });

  it('T-CLI-EXT: an answer outside of what was offered', async () => {
    const outside = [
      [{ serverMaxWindowBits: 10 }, ''],
      [{ serverMaxWindowBits: 10 }, '; server_max_window_bits=11'],
      [{ serverNoContextTakeover: true }, ''],
      [{ clientMaxWindowBits: false }, '; client_max_window_bits=10'],
      [{ clientMaxWindowBits: 10 }, '; client_max_window_bits=11'],
      [{}, '; server_no_context_takeover; server_no_context_takeover'],
      [{}, '; server_no_context_takeover=1'],
      [{}, '; server_max_window_bits=08'],
    ] as const;
    for (const [perMessageDeflate, answer] of outside) {
      const server = await answering((lines) => [
        ...lines,
        `Sec-WebSocket-Extensions: permessage-deflate${answer}`,
      ]);
      expect((await refusal(server, { perMessageDeflate })).status).toBe(101);
    }
  });

  it('T-CLI-HEAD: a head without end is given up when it is too large', async () => {
    const server = await hostile((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n');
      const more = (): void => {
        if (!socket.destroyed) socket.write(`X-A: ${'a'.repeat(990)}\r\n`, () => setImmediate(more));
      };
      more();
    });
    expect((await refusal(server)).status).toBe(0);
  });

  it('T-CLI-HEAD: a head that drips is given up at the deadline, however alive it looks', async () => {
    const server = await hostile((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nX-A: ');
      const drip = setInterval(() => socket.write('a'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const opening = connect(server.url, { handshakeTimeout: 200 });
    await expect(opening).rejects.toBeInstanceOf(TimeoutError);
    await expect(opening).rejects.toMatchObject({ which: 'handshakeTimeout', ms: 200 });
    expect(await server.deserted()).toBe(true);
  });

  it('silence is given up at the deadline', async () => {
    const server = await hostile(() => {});
    await expect(connect(server.url, { handshakeTimeout: 100 })).rejects.toBeInstanceOf(TimeoutError);
    expect(await server.deserted()).toBe(true);
  });

  it('T-CLI-101: a 101 that nobody asked for yet, and the right one for another key', async () => {
    const early = headText(goodLines('dGhlIHNhbXBsZSBub25jZQ=='));
    const eager = await Hostile.listen(
      () => {},
      undefined,
      (socket) => socket.write(early),
    );
    hostiles.push(eager);
    expect((await refusal(eager)).message).toMatch(/accept/i);
    const confused = await hostile((socket) => socket.write(early));
    expect((await refusal(confused)).message).toMatch(/accept/i);
  });

  it('interim responses without end', async () => {
    const server = await hostile((socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)));
    expect((await refusal(server)).status).toBe(100);
  });

  it('a FIN or RST instead of an answer, or in the middle of one', async () => {
    const answers: readonly ((socket: Socket) => void)[] = [
      (socket) => socket.end(),
      (socket) => socket.resetAndDestroy(),
      (socket) => socket.end('HTTP/1.1 101 Swi'),
      (socket) => socket.write('HTTP/1.1 101 Swi', () => socket.resetAndDestroy()),
    ];
    for (const answer of answers) {
      const server = await hostile(answer);
      expect((await refusal(server)).status).toBe(0);
    }
  });

  it('nobody there', async () => {
    const server = await hostile(() => {});
    const { url } = server;
    await server.close();
    await expect(connect(url)).rejects.toMatchObject({ status: 0, cause: { code: 'ECONNREFUSED' } });
  });
});

describe('T-CLI-4XX: refusals tell why', () => {
  it('status, fields and body', async () => {
    const server = await hostile((socket) => {
      socket.write('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nX-A: 1\r\nX-A: 2\r\n');
      socket.write('Content-Length: 9\r\n\r\nno entry.and more');
    });
    const error = await refusal(server);
    expect(error).toMatchObject({ status: 401, body: 'no entry.', code: 'ERR_WS_HANDSHAKE' });
    expect(error.headers.get('www-authenticate')).toBe('Basic');
    expect(error.headers.get('x-a')).toBe('1, 2');
  });

  it('the first 4 KiB of a body, by length, by chunks, by the end, or of one without end', async () => {
    const long = 'b'.repeat(9_000);
    const bodies: readonly [string, string | ((socket: Socket) => void), string][] = [
      ['Content-Length: 9000', long, long.slice(0, 4_096)],
      ['Content-Length: 99999999999999999999', long, long.slice(0, 4_096)],
      ['Transfer-Encoding: chunked', '4;x=y\r\nWiki\r\n6\r\npedia.\r\n0\r\n\r\n', 'Wikipedia.'],
      ['Transfer-Encoding: chunked', `2328\r\n${long}\r\n0\r\n\r\n`, long.slice(0, 4_096)],
      ['Transfer-Encoding: chunked', 'no chunk\r\n\r\n', ''],
      ['X-A: 1', (socket) => socket.end('to the end'), 'to the end'],
      ['X-A: 1', (socket) => socket.write('no end'), 'no end'],
      ['Content-Length: 100', (socket) => socket.end('cut'), 'cut'],
      ['Content-Length: 100', (socket) => socket.write('cut', () => socket.resetAndDestroy()), 'cut'],
      ['Content-Length: 0', '', ''],
    ];
    await Promise.all(
      bodies.map(async ([field, body, expected]) => {
        const server = await hostile((socket) => {
          socket.write(`HTTP/1.1 503 Busy\r\n${field}\r\n\r\n`);
          if (typeof body === 'string') socket.write(body);
          else setTimeout(body, 30, socket);
        });
        expect(await refusal(server)).toMatchObject({ status: 503, body: expected });
      }),
    );
  });

  it('the deadline cuts a body short, and the status stays', async () => {
    const server = await hostile((socket) => {
      socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nhalf');
    });
    expect(await refusal(server, { handshakeTimeout: 200 })).toMatchObject({ status: 403, body: 'half' });
  });

  it('a redirect is a refusal like any other by default', async () => {
    const server = await hostile((socket) => {
      socket.end('HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 5\r\n\r\nthere');
    });
    const error = await refusal(server);
    expect(error).toMatchObject({ status: 302, body: 'there' });
    expect(error.headers.get('location')).toBe('/other');
    expect(server.requests).toHaveLength(1);
  });
});

describe('answers that open a connection', () => {
  it('interim responses before it, upper-case tokens, fields of other meaning, latin-1 elsewhere', async () => {
    const server = await hostile((socket, { key }) => {
      const lines = replaced(goodLines(key), 'upgrade', 'UPGRADE: WebSocket');
      const good = headText([
        ...replaced(lines, 'connection', 'connection: keep-alive, UPGRADE'),
        'X-A: \xe9',
      ]);
      socket.write(
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${good}`,
        'latin1',
      );
    });
    const connection = await connect(server.url);
    expect(connection.state).toBe('open');
    connection.terminate();
  });

  it('one byte at a time', async () => {
    const server = await hostile((socket, { key }) => {
      socket.setNoDelay(true);
      const bytes = Buffer.concat([
        Buffer.from(headText(goodLines(key))),
        Buffer.from([0x81, 2, 0x68, 0x69]),
      ]);
      let at = 0;
      const drip = setInterval(() => {
        if (at === bytes.length) clearInterval(drip);
        else socket.write(bytes.subarray(at, ++at));
      }, 1);
    });
    const connection = await connect(server.url);
    expect(await connection.recv()).toBe('hi');
    connection.terminate();
  });

  it('frames behind the head are received, and a Close there ends it although the server keeps its side open', async () => {
    const server = await hostile((socket, { key }) => {
      const frames = Buffer.from([0x81, 2, 0x68, 0x69, 0x82, 1, 7, 0x88, 2, 0x0f, 0xa1]);
      socket.write(Buffer.concat([Buffer.from(headText(goodLines(key))), frames]));
    });
    const connection = await connect(server.url, { closeTimeout: 100 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([await connection.recv(), await connection.recv(), await connection.recv()]).toEqual([
      'hi',
      Buffer.from([7]),
      null,
    ]);
    expect(await connection.closed).toMatchObject({ code: 4001, by: 'peer' });
    expect(await server.deserted()).toBe(true);
  });

  it('a FIN in the same segment as the 101 is one closure with 1006', async () => {
    const server = await hostile((socket, { key }) => socket.end(headText(goodLines(key))));
    const connection = await connect(server.url);
    expect(await connection.closed).toMatchObject({ code: 1006, clean: false });
    expect(await connection.recv()).toBe(null);
  });
});
