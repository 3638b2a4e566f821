import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerd, type WorkerRuntime } from './support/workerd.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

describe('the opening handshake on workerd', () => {
  let runtime: WorkerRuntime;

  beforeAll(async () => {
    runtime = await startWorkerd({
      entry: 'test/platform/workers/fixtures/contract-worker.ts',
      compatibilityDate: '2026-11-01',
    });
  });
  afterAll(() => runtime.stop());

  /** Sends a handshake with these fields changed (null: left out) and reads the head of the answer. */
  async function request(
    changes: Record<string, string | null> = {},
    method = 'GET',
    target = '/handler/subprotocol',
  ): Promise<Answer> {
    const fields = {
      Host: runtime.host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': key,
      'Sec-WebSocket-Version': '13',
      ...changes,
    };
    const [host, port] = runtime.host.split(':');
    const socket = net.connect(Number(port), host);
    const lines = Object.entries(fields).flatMap(([name, value]) =>
      value === null ? [] : `${name}: ${value}`,
    );
    socket.write(`${[`${method} ${target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`, 'latin1');
    let text = '';
    for await (const chunk of socket) {
      text += chunk.toString('latin1');
      if (text.includes('\r\n\r\n')) break;
    }
    const [status = '', ...head] = text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n');
    const headers = head.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 2),
    ]);
    return { status: Number(status.split(' ')[1]), headers: Object.fromEntries(headers) };
  }

  it('accepts with the value for the key, and the subprotocol only when one was offered', async () => {
    const plain = await request();
    expect(plain.status).toBe(101);
    expect(plain.headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(plain.headers['sec-websocket-protocol']).toBeUndefined();
    const chosen = await request({ 'Sec-WebSocket-Protocol': 'v9, v1' });
    expect(chosen.headers['sec-websocket-protocol']).toBe('v1');
    expect((await request({ Upgrade: 'WebSocket' })).status).toBe(101);
  });

  it.each([
    ['no Upgrade', { Upgrade: null }, 426],
    ['another Upgrade', { Upgrade: 'h2c' }, 426],
    ['a list, of which the runtime would not see the token', { Upgrade: 'h2c, websocket' }, 426],
    ['version 8', { 'Sec-WebSocket-Version': '8' }, 426],
    ['version 013', { 'Sec-WebSocket-Version': '013' }, 426],
    ['no version', { 'Sec-WebSocket-Version': null }, 400],
    ['two versions', { 'Sec-WebSocket-Version': '13, 13' }, 400],
    ['no key', { 'Sec-WebSocket-Key': null }, 400],
    ['a key that is no base64 of 16 bytes', { 'Sec-WebSocket-Key': 'abc' }, 400],
    ['an empty subprotocol', { 'Sec-WebSocket-Protocol': 'v1,,v2' }, 400],
    ['the same subprotocol twice', { 'Sec-WebSocket-Protocol': 'v1, v1' }, 400],
    ['a subprotocol that is no token', { 'Sec-WebSocket-Protocol': 'v1;v2' }, 400],
    ['a subprotocol outside of ASCII', { 'Sec-WebSocket-Protocol': 'caf\u00e9' }, 400],
    ['two keys', { 'Sec-WebSocket-Key': `${key}, ${key}` }, 400],
    ['another origin', { Origin: 'http://evil.example' }, 403],
    ['an opaque origin', { Origin: 'null' }, 403],
    ['an origin that only begins like ours', { Origin: 'http://127.0.0.1:80@evil.example' }, 403],
    ['our host over another port', { Origin: 'http://127.0.0.1:1' }, 403],
    ['two origins', { Origin: 'http://127.0.0.1, http://evil.example' }, 403],
  ])('refuses %s', async (_name, changes, status) => {
    const answer = await request(changes);
    expect(answer.status).toBe(status);
    if (status === 426) expect(answer.headers['sec-websocket-version']).toBe('13');
  });

  it.each([
    ['a target that looks like a host', '//subprotocol', 'http://subprotocol'],
    ['a target with a host of its own', 'http://evil.example/handler/subprotocol', 'http://evil.example'],
  ])('goes by Host, and not by %s', async (_name, target, origin) => {
    expect((await request({ Origin: origin }, 'GET', target)).status).toBe(403);
    expect((await request({ Origin: `http://${runtime.host}` }, 'GET', target)).status).toBe(101);
  });

  it('keeps a frame that came in the segment of the request', async () => {
    const [host, port] = runtime.host.split(':');
    const socket = net.connect(Number(port), host);
    const head = [
      'GET /handler/sleeps HTTP/1.1',
      `Host: ${runtime.host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Version: 13',
      '\r\n',
    ];
    const frame = Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from('early')]);
    socket.write(Buffer.concat([Buffer.from(head.join('\r\n')), frame]));
    let text = '';
    for await (const chunk of socket) {
      text += chunk.toString('latin1');
      if (text.includes('first early')) break;
    }
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text).toContain('first early');
  });

  it('accepts the page’s own origin', async () => {
    expect((await request({ Origin: `http://${runtime.host}` })).status).toBe(101);
  });

  it('refuses another method', async () => {
    const answer = await request({ 'Content-Length': '0' }, 'POST');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET');
  });
});
