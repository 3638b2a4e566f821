/** The emulator keeps API Gateway's documented rules; the adapter's tests rest on that. */
import { afterEach, describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { Gateway, type GatewayOptions, type Invoke } from './gateway.ts';

const open: Gateway[] = [];

afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.stop();
});

async function start(invoke: Invoke, options?: GatewayOptions): Promise<Gateway> {
  const gateway = await Gateway.start(invoke, options);
  open.push(gateway);
  return gateway;
}

const accept: Invoke = async () => ({ statusCode: 200 });
const messages = (gateway: Gateway) =>
  gateway.events.filter((event) => event.requestContext.eventType === 'MESSAGE').map((event) => event.body);

describe('the emulated gateway', () => {
  it('closes with 1003 on a binary message', async () => {
    const gateway = await start(accept);
    const client = await Client.open(gateway.url);
    client.send(Uint8Array.of(1, 2));
    expect((await client.closed)[0]).toBe(1003);
    expect(messages(gateway)).toEqual([]);
  });

  it('closes with 1009 on a frame over 32 KiB', async () => {
    const gateway = await start(accept);
    const client = await Client.open(gateway.url);
    client.sendInFrames('x'.repeat(40_000), 32 * 1024 + 1);
    expect((await client.closed)[0]).toBe(1009);
    expect(messages(gateway)).toEqual([]);
  });

  it('closes with 1009 on a message over 128 KiB, and takes one of 128 KiB', async () => {
    const gateway = await start(accept);
    const client = await Client.open(gateway.url);
    client.sendInFrames('x'.repeat(128 * 1024));
    client.sendInFrames('x'.repeat(128 * 1024 + 1));
    expect((await client.closed)[0]).toBe(1009);
    expect(messages(gateway).map((body) => body?.length)).toEqual([128 * 1024]);
  });

  it('tells the client when a function fails, and when no route takes its message', async () => {
    const failing: Invoke = async (event) => {
      if (event.requestContext.eventType === 'MESSAGE') throw new Error('broken');
      return { statusCode: 200 };
    };
    const gateway = await start(failing, { routes: ['join'] });
    const client = await Client.open(gateway.url);
    client.send('x');
    expect(JSON.parse(await client.next())).toMatchObject({ message: 'Forbidden' });
    client.send('{"action":"join"}');
    expect(JSON.parse(await client.next())).toMatchObject({ message: 'Internal server error' });
  });

  it('ends a connection that has lasted too long', async () => {
    const gateway = await start(accept, { maxDuration: 30 });
    const client = await Client.open(gateway.url);
    expect(await client.closed).toEqual([1001, 'Going away']);
  });

  it('refuses other paths, and calls without a signature', async () => {
    const gateway = await start(accept);
    await expect(Client.open(gateway.url.replace('prod', 'beta'))).rejects.toThrow('403');
    const unsigned = await fetch(`${gateway.endpoint}/@connections/AAAAAAAAAAAAAAA%3D`, { method: 'POST' });
    expect([unsigned.status, unsigned.headers.get('x-amzn-errortype')]).toEqual([403, 'ForbiddenException']);
    await unsigned.text();
  });

  it('answers 400, 410 and 413 as documented', async () => {
    const gateway = await start(accept);
    const client = await Client.open(gateway.url);
    const id = gateway.events[0]?.requestContext.connectionId ?? '';
    const post = async (connectionId: string, body: string) => {
      const url = `${gateway.endpoint}/@connections/${encodeURIComponent(connectionId)}`;
      const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=test' };
      const answer = await fetch(url, { method: 'POST', headers, body });
      await answer.text();
      return [answer.status, answer.headers.get('x-amzn-errortype')];
    };
    expect(await post('short', 'x')).toEqual([400, 'BadRequestException']);
    expect(await post('AAAAAAAAAAAAAAA=', 'x')).toEqual([410, 'GoneException']);
    expect(await post(id, 'x'.repeat(131_073))).toEqual([413, 'PayloadTooLargeException']);
    expect(await post(id, 'x')).toEqual([200, null]);
    expect(await client.next()).toBe('x');
  });
});
