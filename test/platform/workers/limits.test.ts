import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRemote, type Remote } from '../remote.ts';
import { startWorkerd, type WorkerRuntime } from './support/workerd.ts';

describe('limits of a served socket', () => {
  let runtime: WorkerRuntime;

  beforeAll(async () => {
    runtime = await startWorkerd({
      entry: 'test/platform/workers/fixtures/limits-worker.ts',
      compatibilityDate: '2026-11-01',
    });
  });
  afterAll(() => runtime.stop());

  const connect = (name: string): Promise<Remote> => connectRemote(`ws://${runtime.host}/handler/${name}`);

  /** What was reported, once `accept` likes it. */
  async function report(
    name: string,
    accept: (value: unknown) => boolean = (value) => value !== null,
  ): Promise<unknown> {
    let value: unknown = null;
    for (let tries = 0; tries < 500 && !accept(value); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      value = await (await fetch(`http://${runtime.host}/report/${name}`)).json();
    }
    return value;
  }

  /** A client that opens the WebSocket and then does not read. */
  async function deafClient(name: string): Promise<net.Socket> {
    const [host, port] = runtime.host.split(':');
    const socket = net.connect(Number(port), host);
    socket.pause();
    socket.write(
      [
        `GET /handler/${name} HTTP/1.1`,
        `Host: ${runtime.host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
        '\r\n',
      ].join('\r\n'),
    );
    return socket;
  }

  it('fails with 1009 on a message over maxMessageSize, after those before it', async () => {
    const remote = await connect('receives');
    remote.send('x'.repeat(1000));
    // 334 characters of three bytes each: only the encoded size is too large.
    remote.send('\u20ac'.repeat(334));
    remote.send('never seen');
    expect(await remote.ended).toMatchObject({ code: 1009 });
    expect(await report('receives')).toEqual({
      sizes: [1000],
      code: 1009,
      reason: 'maxMessageSize',
      clean: true,
      by: 'us',
      cause: 'LimitError',
      message: 'maxMessageSize allows 1000, this is 1002',
    });
  });

  it('keeps the runtime waiting for the handler, until its connection has ended', async () => {
    const remote = await connect('receives');
    expect(await report('receives-waits', (value) => value === 'begun')).toBe('begun');
    remote.close();
    expect(await report('receives-waits', (value) => value === 'ended')).toBe('ended');
  });

  it('fails with 1013 when the handler falls behind maxQueueSize, and keeps what was queued', async () => {
    const remote = await connect('sleeps');
    for (let index = 0; index < 100; index += 1) remote.send('x'.repeat(500));
    expect(await remote.ended).toMatchObject({ code: 1013 });
    expect(await report('sleeps')).toMatchObject({ queued: 9, code: 1013, by: 'us', cause: 'LimitError' });
  });

  it('makes send wait while the peer does not read', async () => {
    const socket = await deafClient('floods');
    try {
      const early = Number(await report('floods', (value) => Number(value) > 0));
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stuck = Number(await report('floods'));
      expect(stuck).toBeLessThan(40);
      expect(stuck).toBeGreaterThanOrEqual(early);
      socket.resume();
      expect(await report('floods', (value) => value === 'all')).toBe('all');
    } finally {
      socket.destroy();
    }
  });

  it('refuses to send what would exceed maxWriteBufferSize', async () => {
    const socket = await deafClient('overflows');
    try {
      socket.resume();
      const outcomes = await report('overflows');
      expect(outcomes).toEqual(['sent', 'sent', 'sent', 'sent', 'LimitError', 'LimitError']);
    } finally {
      socket.destroy();
    }
  });

  it('gives up on a peer that never answers the Close after closeTimeout', async () => {
    const socket = await deafClient('closes');
    try {
      expect(await report('closes')).toEqual({
        code: 1006,
        reason: '',
        clean: false,
        by: 'transport',
        cause: 'TimeoutError',
        message: 'closeTimeout of 200 ms has passed',
      });
    } finally {
      socket.destroy();
    }
  });

  it('is opened once per request', async () => {
    const remote = await connectRemote(`ws://${runtime.host}/twice`);
    expect(await remote.next()).toBe('StateError');
    expect(await remote.ended).toMatchObject({ code: 1000 });
  });
});
