import {
  ClosedError,
  ConfigError,
  type Connection,
  HandshakeError,
  listen,
  type ReconnectingOptions,
  type Retry,
  reconnecting,
  type Server,
  type SessionHandler,
} from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { reconnectingIn } from '../../src/framework/reconnecting.ts';
import { Hostile } from './client/hostile.ts';

const undo: (() => unknown)[] = [];

async function serve(handler: SessionHandler, port = 0): Promise<Server> {
  const server = await listen({ host: '127.0.0.1', port }, (context) => context.upgrade(handler));
  undo.push(() => server.close({ timeout: 50 }));
  return server;
}

const quick: ReconnectingOptions = { firstDelay: 5, maxDelay: 20, restartDelay: [30, 40] };

afterEach(async () => {
  await Promise.all(undo.splice(0).map((step) => step()));
});

/** Takes connections until the iteration ends; each one is waited for. */
async function taken(url: string, options: ReconnectingOptions): Promise<number> {
  let count = 0;
  for await (const connection of reconnecting(url, options)) {
    count += 1;
    await connection.closed;
  }
  return count;
}

describe('reconnecting', () => {
  it('connects again after every loss, and stops on its signal without an error', async () => {
    let served = 0;
    const server = await serve(async (connection) => {
      served += 1;
      await connection.send(`greeting ${served}`);
      if (served % 2 === 0) connection.terminate();
      else await connection.close(1001);
    });
    const stop = new AbortController();
    const retries: Retry[] = [];
    const messages: unknown[] = [];
    const options = { ...quick, signal: stop.signal, onRetry: (retry: Retry) => void retries.push(retry) };
    for await (const connection of reconnecting(server.url, options)) {
      for await (const message of connection) messages.push(message);
      if (served === 5) stop.abort();
    }
    expect(served).toBe(5);
    expect(messages).toContain('greeting 1');
    expect(retries).toHaveLength(4);
    expect(retries[0]).toMatchObject({ cause: { code: 1001, by: 'peer' }, attempt: 1 });
    for (const { delay } of retries) expect(delay).toBeLessThanOrEqual(20);
  });

  it('an aborted signal closes the open connection with 1000', async () => {
    const closed: number[] = [];
    const server = await serve(async (connection) => void closed.push((await connection.closed).code));
    const stop = new AbortController();
    let count = 0;
    for await (const connection of reconnecting(server.url, { signal: stop.signal })) {
      count += 1;
      setTimeout(() => stop.abort(), 20);
      expect(await connection.recv()).toBe(null);
    }
    expect(count).toBe(1);
    await server.close();
    expect(closed).toEqual([1000]);
  });

  it('an aborted signal ends a wait and an attempt', async () => {
    const server = await Hostile.listen(() => {});
    undo.push(() => server.close());
    const attempt = new AbortController();
    const trying = taken(server.url, { signal: attempt.signal });
    while (server.requests.length === 0) await new Promise((go) => setTimeout(go, 5));
    attempt.abort();
    expect(await trying).toBe(0);
    const wait = new AbortController();
    const url = 'ws://127.0.0.1:1/';
    const onRetry = (): void => void setTimeout(() => wait.abort(), 10);
    expect(await taken(url, { signal: wait.signal, firstDelay: 60_000, onRetry })).toBe(0);
    expect(await taken(url, { signal: AbortSignal.abort() })).toBe(0);
  });

  it('ends when this side closed, and leaves the connection open when the loop is left', async () => {
    const server = await serve(async (connection) => void (await connection.closed));
    let count = 0;
    for await (const connection of reconnecting(server.url, quick)) {
      count += 1;
      await connection.close();
    }
    expect(count).toBe(1);
    let kept: Connection | undefined;
    for await (const connection of reconnecting(server.url, quick)) {
      kept = connection;
      break;
    }
    expect(kept?.state).toBe('open');
    kept?.terminate();
  });

  it('does not come back after 1002, 1007 and 1008, and says why', async () => {
    for (const code of [1002, 1007, 1008]) {
      let served = 0;
      const server = await serve(async (connection) => {
        served += 1;
        await connection.close(code);
      });
      const ended = taken(server.url, quick);
      await expect(ended).rejects.toBeInstanceOf(ClosedError);
      await expect(ended).rejects.toMatchObject({ closure: { code, by: 'peer' } });
      expect(served).toBe(1);
    }
  });

  it('does not come back after its own verdict on what the server sends', async () => {
    const server = await serve((connection) => connection.send('x'.repeat(100)));
    let count = 0;
    const stop = new AbortController();
    for await (const connection of reconnecting(server.url, {
      ...quick,
      maxMessageSize: 10,
      signal: stop.signal,
    })) {
      count += 1;
      // 1009 is not on the list: a smaller message may come next time.
      expect((await connection.closed).code).toBe(1009);
      if (count === 2) stop.abort();
    }
    expect(count).toBe(2);
  });

  it('comes back after a deadline of its own: that is no close on purpose', async () => {
    const server = await serve(async (connection) => void (await connection.closed));
    for (const [options, code] of [
      [{ sessionTimeout: 60 }, 4000],
      [{ idleTimeout: 60 }, 1001],
    ] as const) {
      const stop = new AbortController();
      const codes: number[] = [];
      for await (const connection of reconnecting(server.url, {
        ...quick,
        ...options,
        signal: stop.signal,
      })) {
        codes.push((await connection.closed).code);
        if (codes.length === 2) stop.abort();
      }
      expect(codes).toEqual([code, code]);
    }
  });

  it('does not come back after 4xx, and does after 5xx, not before Retry-After', async () => {
    const refusing = await Hostile.listen((socket) => {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    });
    undo.push(() => refusing.close());
    await expect(taken(refusing.url, quick)).rejects.toBeInstanceOf(HandshakeError);
    expect(refusing.requests).toHaveLength(1);
    const busy = await Hostile.listen((socket) => {
      socket.end('HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n');
    });
    undo.push(() => busy.close());
    const stop = new AbortController();
    const retries: Retry[] = [];
    const onRetry = (retry: Retry): void => {
      retries.push(retry);
      stop.abort();
    };
    expect(await taken(busy.url, { ...quick, signal: stop.signal, onRetry })).toBe(0);
    expect(retries[0]).toMatchObject({ attempt: 1, cause: { status: 503 } });
    expect(retries[0]?.delay).toBeGreaterThanOrEqual(2_000);
  });

  it('comes back after a 429 that says when, and not after one that does not', async () => {
    let answers = 0;
    const server = await Hostile.listen((socket) => {
      answers += 1;
      const when = answers < 3 ? 'Retry-After: 0\r\n' : '';
      socket.end(`HTTP/1.1 429 Too Many Requests\r\n${when}Content-Length: 0\r\n\r\n`);
    });
    undo.push(() => server.close());
    await expect(taken(server.url, quick)).rejects.toMatchObject({ status: 429 });
    expect(answers).toBe(3);
  });

  it('waits after 1012 and 1013 as long as restartDelay says', async () => {
    const codes = [1012, 1013];
    const server = await serve(async (connection) => void (await connection.close(codes.shift() ?? 1008)));
    const delays: number[] = [];
    const onRetry = ({ delay }: Retry): void => void delays.push(delay);
    await expect(taken(server.url, { ...quick, onRetry })).rejects.toBeInstanceOf(ClosedError);
    expect(delays).toHaveLength(2);
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(30);
      expect(delay).toBeLessThanOrEqual(40);
    }
  });

  it('waits for onRetry, and ends with what it throws or rejects with', async () => {
    const server = await serve((connection) => connection.terminate());
    const order: string[] = [];
    const reason = new Error('enough');
    const onRetry = async ({ attempt }: Retry): Promise<void> => {
      order.push(`told ${attempt}`);
      await new Promise((go) => setTimeout(go, 20));
      order.push(`done ${attempt}`);
      if (attempt === 2) throw reason;
    };
    await expect(taken(server.url, { ...quick, firstDelay: 1_000, maxDelay: 1, onRetry })).rejects.toBe(
      reason,
    );
    expect(order).toEqual(['told 1', 'done 1', 'told 2', 'done 2']);
    const thrower = (): void => {
      throw reason;
    };
    await expect(taken(server.url, { ...quick, onRetry: thrower })).rejects.toBe(reason);
  });

  it('refuses options that make no sense at once', () => {
    const url = 'ws://127.0.0.1/';
    for (const [path, options] of Object.entries({
      firstDelay: { firstDelay: -1 },
      maxDelay: { maxDelay: Infinity },
      restartDelay: { restartDelay: [2, 1] },
      onRetry: { onRetry: 1 },
      firstDelai: { firstDelai: 1 },
    })) {
      const make = (): unknown => reconnecting(url, JSON.parse(JSON.stringify(options)));
      expect(make).toThrow(ConfigError);
      expect(make).toThrow(path);
    }
    expect(() => reconnecting('http://a/')).toThrow(ConfigError);
  });

  it('T-BACKOFF: of 1000 clients whose server dies, no 100 ms holds more than 5 % of the attempts', async () => {
    const clients = 1_000;
    const rounds = 3;
    const server = await serve(async (connection) => void (await connection.closed));
    const { url } = server;
    let seed = 20_261_125;
    // A small generator (mulberry32), so that the outcome is the same every time.
    const random = (): number => {
      seed = (seed + 0x6d2b79f5) | 0;
      let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const attempts: number[] = [];
    const firsts: number[] = [];
    let open = 0;
    const live = async (): Promise<void> => {
      const stop = new AbortController();
      let time = 0;
      let slept = 0;
      // Time passes only in the waits: what is counted is when the attempts would have come.
      const sleep = async (ms: number): Promise<void> => {
        time += ms;
        slept += 1;
        if (slept === 1) firsts.push(time);
        attempts.push(time);
        if (slept === rounds) stop.abort();
      };
      const surroundings = { random, sleep, now: () => 0 };
      for await (const connection of reconnectingIn(surroundings, url, { signal: stop.signal })) {
        open += 1;
        await connection.closed;
      }
    };
    const lives = Array.from({ length: clients }, live);
    while (open < clients) await new Promise((go) => setTimeout(go, 10));
    for (const connection of server.connections) connection.terminate();
    await server.close({ timeout: 1 });
    await Promise.all(lives);
    expect(attempts).toHaveLength(clients * rounds);
    for (const times of [firsts, attempts]) {
      const buckets = new Map<number, number>();
      for (const time of times) {
        const bucket = Math.floor(time / 100);
        buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
      }
      expect(Math.max(...buckets.values())).toBeLessThanOrEqual(times.length * 0.05);
    }
    expect(Math.max(...firsts)).toBeLessThanOrEqual(5_000);
  });
});
