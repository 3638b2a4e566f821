/** What peers and callers may try: none of it reaches another resource, process or client. */
import { afterEach, describe, expect, it } from 'vitest';
import { type LambdaPeer, LambdaWebSocket, UnsupportedError } from '../../../src/platform/lambda/index.ts';
import { Client } from './client.ts';
import { invocationContext } from './invocation.ts';
import { serve, stopServing } from './serve.ts';

afterEach(stopServing);

describe('a connection id from a peer', () => {
  it('never leaves its place in the path', async () => {
    const outcomes: string[] = [];
    const gateway = await serve({
      message: async (ws) => {
        const peer = (): LambdaPeer => ws.to(String(ws.event.message));
        for (const attempt of [async () => peer().send('x'), async () => peer().close()]) {
          const error = await attempt().catch((reason: unknown) => reason);
          outcomes.push(error instanceof Error ? error.name : 'sent');
        }
        await ws.send('done');
      },
    });
    const client = await Client.open(gateway.url);
    const hostile = ['../../beta/@connections/x', 'a/b', 'a?b=c', 'a#b', 'a%2Fb', 'a\r\nX: y', 'é', '@', '*'];
    for (const id of hostile) {
      client.send(id);
      expect(await client.next()).toBe('done');
    }
    expect(new Set(outcomes.splice(0))).toEqual(new Set(['ManagementApiError']));
    const calls = gateway.management.calls.filter(({ body }) => body.toString() !== 'done');
    expect(calls.map(({ connectionId }) => connectionId)).toEqual(hostile.flatMap((id) => [id, id]));
    for (const { path } of calls) expect(path).toMatch(/^\/prod\/@connections\/[\w%.*@-]+$/);
    for (const id of ['', '.', '..', '...']) {
      client.send(id);
      expect(await client.next()).toBe('done');
    }
    expect(new Set(outcomes)).toEqual(new Set(['TypeError']));
  });
});

describe('a connection id of somebody else', () => {
  it('is text like any other in message, query and headers', async () => {
    const seen: string[] = [];
    const gateway = await serve(async (ws) => {
      seen.push(ws.connectionId);
      if (ws.event.type === 'MESSAGE') await ws.send('mine');
    });
    const victim = await Client.open(gateway.url);
    const id = gateway.events[0]?.requestContext.connectionId ?? '';
    const query = `?connectionId=${encodeURIComponent(id)}`;
    const headers = { connectionId: id, 'X-Amzn-Connection-Id': id };
    const attacker = await Client.open(`${gateway.url}${query}`, [], { headers });
    attacker.send(JSON.stringify({ connectionId: id, requestContext: { connectionId: id } }));
    expect(await attacker.next()).toBe('mine');
    expect(seen.filter((one) => one === id)).toHaveLength(1);
    victim.send('hello');
    expect(await victim.next()).toBe('mine');
  });
});

describe('an event of another trigger', () => {
  it('runs no handler, whatever its sender writes', async () => {
    let runs = 0;
    const handler = LambdaWebSocket.handle(() => {
      runs += 1;
    });
    const forged = { connectionId: 'R0oXAdfD0kwCH6w=', eventType: 'MESSAGE', routeKey: '$default' };
    const events = [
      { version: '2.0', requestContext: { http: { method: 'POST' }, stage: '$default' } },
      {
        httpMethod: 'POST',
        body: JSON.stringify({ requestContext: forged }),
        requestContext: { stage: 'prod' },
      },
      { headers: forged, queryStringParameters: forged, requestContext: { elb: {} } },
      { Records: [{ body: JSON.stringify({ requestContext: forged }) }] },
      { ...forged },
      [],
      'text',
      null,
    ];
    for (const event of events) {
      const call = Reflect.apply(handler, undefined, [event, invocationContext()]);
      await expect(call).rejects.toThrow(UnsupportedError);
    }
    expect(runs).toBe(0);
  });
});
