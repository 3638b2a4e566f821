/** The whole way: real clients, the emulated gateway, the handler, and the AWS SDK calling back over http. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  ClosedError,
  type LambdaHandlerFunction,
  LambdaWebSocket,
  ManagementApiError,
  sdkManagementApi,
} from '../../../src/platform/lambda/index.ts';
import { Client } from './client.ts';
import { credentials, serve, stopServing } from './serve.ts';

const echo: LambdaHandlerFunction = async (ws) => {
  if (ws.event.type === 'MESSAGE') await ws.send(ws.event.message);
};

afterEach(stopServing);

describe('a message', () => {
  it('is echoed, whatever characters it has and up to 128 KiB in frames of 32 KiB', async () => {
    const gateway = await serve(echo);
    const client = await Client.open(gateway.url);
    for (const message of ['hello', '', 'ünï©ødé 😀', 'é'.repeat(65_536)]) {
      client.sendInFrames(message);
      expect(await client.next()).toBe(message);
    }
    const [call] = gateway.management.calls;
    expect(call?.path).toBe(`/prod/@connections/${encodeURIComponent(call?.connectionId ?? '')}`);
    expect(call?.authorization).toMatch(
      /Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/execute-api\/aws4_request/,
    );
  });

  it('goes to the handler of its route', async () => {
    const gateway = await serve(
      {
        message: (ws) => ws.send(`default: ${ws.event.message}`),
        routes: { join: (ws) => ws.send(`joined through ${ws.event.routeKey}`) },
      },
      { gateway: { routes: ['$default', 'join'] } },
    );
    const client = await Client.open(gateway.url);
    client.send('{"action":"join"}');
    expect(await client.next()).toBe('joined through join');
    client.send('{"action":"leave"}');
    expect(await client.next()).toBe('default: {"action":"leave"}');
    client.send('no JSON');
    expect(await client.next()).toBe('default: no JSON');
  });

  it('reaches another connection by its id', async () => {
    const ids: string[] = [];
    const gateway = await serve({
      connect: (ws) => void ids.push(ws.connectionId),
      message: (ws) => Promise.all(ids.map((id) => ws.to(id).send(ws.event.message))).then(() => {}),
    });
    const clients = [await Client.open(gateway.url), await Client.open(gateway.url)];
    clients[0]?.send('to all');
    for (const client of clients) expect(await client.next()).toBe('to all');
  });

  it('of bytes travels as base64 text when asked for', async () => {
    const bytes = Uint8Array.of(0, 1, 254, 255);
    const gateway = await serve({ message: (ws) => ws.send(bytes) }, { binary: 'base64' });
    const client = await Client.open(gateway.url);
    client.send('give');
    expect([...Buffer.from(await client.next(), 'base64')]).toEqual([...bytes]);
  });

  it('keeps its place among the others, retries included', async () => {
    const gateway = await serve({
      message: async (ws) => {
        await Promise.all(['1', '2', '3'].map((text) => ws.send(text)));
      },
    });
    const client = await Client.open(gateway.url);
    gateway.management.fail({ status: 429, errorType: 'LimitExceededException' }, 'drop', { status: 502 });
    client.send('count');
    expect([await client.next(), await client.next(), await client.next()]).toEqual(['1', '2', '3']);
    expect(gateway.management.calls).toHaveLength(6);
  });

  it('takes the same connection to the API as the one before', async () => {
    const gateway = await serve(echo);
    const client = await Client.open(gateway.url);
    for (const message of ['1', '2', '3']) {
      client.send(message);
      await client.next();
    }
    expect(new Set(gateway.management.calls.map((call) => call.port)).size).toBe(1);
  });
});

describe('$connect', () => {
  it.each([401, 403, 429, 503])('refused with %i is an upgrade refused with it', async (status) => {
    const gateway = await serve({ connect: (ws) => ws.event.reject(status) });
    await expect(Client.open(gateway.url)).rejects.toThrow(String(status));
  });

  it('is refused when the handler throws', async () => {
    const fails = () => {
      throw new Error('broken');
    };
    const gateway = await serve({ connect: fails });
    await expect(Client.open(gateway.url)).rejects.toThrow('502');
    const reporting = await serve({ connect: fails }, { onError: () => {} });
    await expect(Client.open(reporting.url)).rejects.toThrow('500');
  });

  it('sees headers and query, and chooses one of the offered subprotocols', async () => {
    const seen: unknown[] = [];
    const gateway = await serve({
      connect: (ws) => {
        const { headers, query, subprotocols, origin } = ws.event;
        seen.push(headers['x-token'], query.get('room'), subprotocols, origin);
        return ws.event.accept('v1');
      },
    });
    const client = await Client.open(`${gateway.url}?room=a%20b`, ['v2', 'v1'], {
      headers: { 'X-Token': 'secret' },
      origin: 'https://app.example',
    });
    expect(seen).toEqual(['secret', 'a b', ['v2', 'v1'], 'https://app.example']);
    expect(client.subprotocol).toBe('v1');
  });

  it('has no connection yet: the API itself answers 410, and the adapter does not even ask', async () => {
    let asked: unknown;
    const gateway = await serve({
      connect: async (ws) => {
        await expect(ws.to(ws.connectionId).send('early')).rejects.toThrow(/410/);
        const api = await sdkManagementApi(
          { url: gateway.endpoint, region: 'eu-central-1' },
          { credentials },
        );
        const signal = AbortSignal.timeout(5_000);
        asked = await api.post(ws.connectionId, Buffer.from('x'), signal).catch((error: unknown) => error);
      },
    });
    await Client.open(gateway.url);
    expect(asked).toMatchObject({ name: 'GoneException', $metadata: { httpStatusCode: 410 } });
    expect(gateway.management.calls).toHaveLength(1);
  });
});

describe('the end', () => {
  it('by ws.close() is 1000 for the client, and comes back as an event', async () => {
    const ends: unknown[] = [];
    const gateway = await serve({
      message: async (ws) => {
        await ws.close();
        await expect(ws.send('late')).rejects.toBeInstanceOf(ClosedError);
      },
      disconnect: (ws) => void ends.push(ws.event.code, ws.event.reason),
    });
    const client = await Client.open(gateway.url);
    client.send('bye');
    expect(await client.closed).toEqual([1000, '']);
    await expect.poll(() => ends).toEqual([1000, 'Connection Closed Normally']);
  });

  it('by the client brings its code and reason', async () => {
    const ends: unknown[] = [];
    const gateway = await serve({ disconnect: (ws) => void ends.push(ws.event.code, ws.event.reason) });
    const leave: ((client: Client) => void)[] = [
      (client) => client.close(4001, 'done'),
      (client) => client.terminate(),
      (client) => client.close(),
    ];
    for (const [at, go] of leave.entries()) {
      const client = await Client.open(gateway.url);
      go(client);
      await expect.poll(() => ends.length).toBe(2 * (at + 1));
    }
    expect(ends).toEqual([4001, 'done', 1006, '', 1005, '']);
  });

  it('of an idle connection is 1001', async () => {
    const gateway = await serve(echo, { gateway: { idleTimeout: 50 } });
    const client = await Client.open(gateway.url);
    expect(await client.closed).toEqual([1001, 'Going away']);
    await expect
      .poll(() => gateway.events.at(-1)?.requestContext)
      .toMatchObject({ disconnectStatusCode: 1001 });
  });

  it('seen by a send is a ClosedError, and only one call is made', async () => {
    const failures: unknown[] = [];
    const gateway = await serve({
      message: async (ws) => {
        const gone = ws.to('AAAAAAAAAAAAAAA=');
        for (const text of ['1', '2']) await gone.send(text).catch((error: unknown) => failures.push(error));
        await gone.close();
        await ws.send('done');
      },
    });
    const client = await Client.open(gateway.url);
    client.send('go');
    expect(await client.next()).toBe('done');
    expect(failures).toEqual([expect.any(ClosedError), expect.any(ClosedError)]);
    const methods = gateway.management.calls.map((call) => call.method);
    expect(methods).toEqual(['POST', 'POST']);
  });
});

describe('info', () => {
  it('tells since when the connection is open and when it was last active', async () => {
    const gateway = await serve({
      message: async (ws) => {
        const { connectedAt, lastActiveAt, sourceIp, userAgent } = await ws.info();
        await ws.send(JSON.stringify([Number(connectedAt), Number(lastActiveAt), sourceIp, userAgent]));
      },
    });
    const client = await Client.open(gateway.url);
    const before = Date.now();
    client.send('?');
    const [connectedAt, lastActiveAt, ...rest] = JSON.parse(await client.next());
    expect(connectedAt).toBeGreaterThan(before - 10_000);
    expect(lastActiveAt).toBeGreaterThanOrEqual(connectedAt);
    expect(rest).toEqual(['127.0.0.1', 'test']);
  });
});

describe('a failure of the API', () => {
  it.each([
    [400, 'BadRequestException', 'request', 1],
    [403, 'ForbiddenException', 'forbidden', 1],
    [413, 'PayloadTooLargeException', 'payloadTooLarge', 1],
    [429, 'LimitExceededException', 'throttled', 4],
    [500, undefined, 'unavailable', 4],
  ])('%i %s is told as a ManagementApiError', async (status, errorType, reason, attempts) => {
    const failures: unknown[] = [];
    const gateway = await serve(
      (ws) => {
        if (ws.event.type === 'MESSAGE') return ws.send('x').then(() => {});
        return undefined;
      },
      { onError: (error) => void failures.push(error) },
    );
    const client = await Client.open(gateway.url);
    const fault = errorType === undefined ? { status } : { status, errorType };
    gateway.management.fail(fault, fault, fault, fault);
    client.send('go');
    await expect.poll(() => failures).toEqual([expect.any(ManagementApiError)]);
    expect(failures[0]).toMatchObject({ status, reason, attempts, operation: 'post' });
  });

  it('that never answers is given up', async () => {
    const failures: unknown[] = [];
    const gateway = await serve(echo, {
      attempts: 2,
      requestTimeout: 40,
      onError: (error) => void failures.push(error),
    });
    const client = await Client.open(gateway.url);
    gateway.management.fail('hang', 'hang');
    client.send('go');
    await expect.poll(() => failures).toMatchObject([{ reason: 'network', attempts: 2 }]);
  });
});

describe('peers outside of an event', () => {
  it('reach open connections', async () => {
    const gateway = await serve({});
    const client = await Client.open(gateway.url);
    const open = LambdaWebSocket.peers({
      endpoint: gateway.endpoint,
      region: 'eu-central-1',
      clientConfig: { credentials },
    });
    const peers = open();
    const id = gateway.events[0]?.requestContext.connectionId ?? '';
    void peers.to(id).send('from a queue');
    expect(await peers.settle()).toEqual([]);
    expect(await client.next()).toBe('from a queue');
  });
});
