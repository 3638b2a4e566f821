import { describe, expect, it } from 'vitest';
import {
  ClosedError,
  type GatewayEvent,
  type LambdaOptions,
  LambdaWebSocket,
  StateError,
} from '../../../src/platform/lambda/index.ts';
import { connectEvent, disconnectEvent, messageEvent } from './gateway-events.ts';
import { connection, httpError, invocationContext, MemoryApi } from './invocation.ts';

/** Options over a management API in memory. */
const over = (api: MemoryApi): LambdaOptions => ({ managementApi: () => api, sleep: async () => {} });
const other = { ...connection, connectionId: 'L0SM9cOFvHcCIhw=' };
const context = invocationContext();

describe('one function for all events', () => {
  it('gets event, context and connection id, and its answers reach API Gateway', async () => {
    const api = new MemoryApi();
    const seen: string[] = [];
    const handler = LambdaWebSocket.handle(async (ws) => {
      seen.push(`${ws.event.type} ${ws.connectionId} ${ws.context.functionName}`);
      if (ws.event.type === 'CONNECT') return ws.event.reject(401);
      if (ws.event.type === 'MESSAGE') await ws.send(ws.event.message);
      return undefined;
    }, over(api));
    expect(await handler(connectEvent(connection), context)).toEqual({ statusCode: 401 });
    expect(await handler(messageEvent(connection, 'hi'), context)).toEqual({ statusCode: 200 });
    expect(await handler(disconnectEvent(connection, 1000, ''), context)).toEqual({ statusCode: 200 });
    const id = connection.connectionId;
    expect(seen).toEqual([`CONNECT ${id} echo`, `MESSAGE ${id} echo`, `DISCONNECT ${id} echo`]);
    expect(api.calls).toEqual([`post ${id} hi`]);
  });
});

describe('one function per kind of event', () => {
  it('takes custom routes first, then message', async () => {
    const seen: string[] = [];
    const handler = LambdaWebSocket.handle({
      message: (ws) => void seen.push(`message ${ws.event.routeKey}`),
      routes: { join: (ws) => void seen.push(`join ${ws.event.message}`) },
    });
    await handler(messageEvent(connection, 'a', 'join'), context);
    await handler(messageEvent(connection, 'b', '$default'), context);
    await handler(messageEvent(connection, 'c', 'toString'), context);
    expect(seen).toEqual(['join a', 'message $default', 'message toString']);
  });

  it('does without any of them: clients are accepted, ends are served, messages are not found', async () => {
    const handler = LambdaWebSocket.handle({});
    expect(await handler(connectEvent(connection), context)).toEqual({ statusCode: 200 });
    expect(await handler(disconnectEvent(connection, 1000, ''), context)).toEqual({ statusCode: 200 });
    expect(await handler(messageEvent(connection, 'a'), context)).toEqual({ statusCode: 404 });
  });

  it('assumes no order: a message before its connect, and after its disconnect', async () => {
    const seen: string[] = [];
    const handler = LambdaWebSocket.handle({
      connect: () => void seen.push('connect'),
      message: () => void seen.push('message'),
      disconnect: () => void seen.push('disconnect'),
    });
    await handler(messageEvent(connection, ''), context);
    await handler(disconnectEvent(connection, 1001, ''), context);
    await handler(connectEvent(connection), context);
    await handler(messageEvent(connection, ''), context);
    expect(seen).toEqual(['message', 'disconnect', 'connect', 'message']);
  });
});

describe('$connect', () => {
  it('is accepted with a subprotocol', async () => {
    const headers = ['Sec-WebSocket-Protocol', 'v2, v1'];
    const chosen = { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'v1' } };
    const byHandler = LambdaWebSocket.handle({ connect: (ws) => ws.event.accept('v1') });
    expect(await byHandler(connectEvent(connection, headers), context)).toEqual(chosen);
    const byOption = LambdaWebSocket.handle(() => {}, { subprotocols: ['v1', 'v0'] });
    expect(await byOption(connectEvent(connection, headers), context)).toEqual(chosen);
  });

  it('refuses calls to its own connection, with the reason, and lets those to others through', async () => {
    const api = new MemoryApi();
    const errors: unknown[] = [];
    const handler = LambdaWebSocket.handle(async (ws) => {
      for (const call of [ws.send('a'), ws.close(), ws.info(), ws.to(ws.connectionId).send('b')]) {
        await call.catch((error: unknown) => errors.push(error));
      }
      await ws.to(other.connectionId).send('c');
    }, over(api));
    expect(await handler(connectEvent(connection), context)).toEqual({ statusCode: 200 });
    expect(errors).toHaveLength(4);
    for (const error of errors) {
      expect(error).toBeInstanceOf(StateError);
      expect(error).toMatchObject({ message: expect.stringMatching(/\$connect.*410/) });
    }
    expect(api.calls).toEqual([`post ${other.connectionId} c`]);
  });

  it('is refused for a foreign page before a handler runs, when there is a policy', async () => {
    let runs = 0;
    const connect = () => {
      runs += 1;
    };
    const handler = LambdaWebSocket.handle({ connect }, { origins: ['https://app.example'] });
    const from = (origin: string) => handler(connectEvent(connection, ['Origin', origin]), context);
    expect(await from('https://evil.example')).toEqual({ statusCode: 403 });
    expect(runs).toBe(0);
    expect(await from('https://app.example')).toEqual({ statusCode: 200 });
    expect(runs).toBe(1);
  });

  it('is refused when the policy fails', async () => {
    const errors: unknown[] = [];
    const origins = () => {
      throw new Error('no list');
    };
    const options = { origins, onError: (error: unknown) => void errors.push(error) };
    const event = connectEvent(connection, ['Origin', 'https://app.example']);
    expect(await LambdaWebSocket.handle(() => {}, options)(event, context)).toEqual({ statusCode: 500 });
    expect(errors).toEqual([new Error('no list')]);
  });

  it('is not accepted by a value that is no answer', async () => {
    const handler = Reflect.apply(LambdaWebSocket.handle, LambdaWebSocket, [
      { connect: () => false },
      { onError: () => {} },
    ]);
    expect(await handler(connectEvent(connection), context)).toEqual({ statusCode: 500 });
  });
});

describe('$disconnect', () => {
  it('runs its handler once, however often and at what moment it is repeated', async () => {
    let runs = 0;
    const disconnect = async () => {
      runs += 1;
    };
    const handler = LambdaWebSocket.handle({ disconnect });
    const event = disconnectEvent(connection, 1000, '');
    const answers = await Promise.all([handler(event, context), handler(event, context)]);
    answers.push(await handler(event, context));
    expect(answers).toEqual([{ statusCode: 200 }, { statusCode: 200 }, { statusCode: 200 }]);
    expect(runs).toBe(1);
    await handler(disconnectEvent(other, 1000, ''), context);
    expect(runs).toBe(2);
  });

  it('runs again when it failed, whether Lambda was told or onError', async () => {
    for (const options of [{}, { onError: () => {} }]) {
      let runs = 0;
      const disconnect = () => {
        runs += 1;
        if (runs === 1) throw new Error('no database');
      };
      const handler = LambdaWebSocket.handle({ disconnect }, options);
      const event = disconnectEvent(connection, 1000, '');
      const first = await handler(event, context).catch(() => ({ statusCode: 500 }));
      expect(first).toEqual({ statusCode: 500 });
      expect(await handler(event, context)).toEqual({ statusCode: 200 });
      await handler(event, context);
      expect(runs).toBe(2);
    }
  });

  it('knows how the connection ended, and asks nothing of the API for it', async () => {
    const api = new MemoryApi();
    const handler = LambdaWebSocket.handle(async (ws) => {
      expect(ws.closure).toEqual({ code: 1006, reason: 'lost', clean: false, by: 'transport' });
      await expect(ws.send('late')).rejects.toBeInstanceOf(ClosedError);
      expect(await ws.close()).toBe(ws.closure);
      await ws.to(other.connectionId).send('it left');
    }, over(api));
    await handler(disconnectEvent(connection, 1006, 'lost'), context);
    expect(api.calls).toEqual([`post ${other.connectionId} it left`]);
  });
});

describe('a failing handler', () => {
  const fails = () => {
    throw new Error('broken');
  };

  it('fails the invocation, so that Lambda logs and counts it', async () => {
    const handler = LambdaWebSocket.handle(fails);
    await expect(handler(connectEvent(connection), context)).rejects.toThrow('broken');
    await expect(handler(messageEvent(connection, ''), context)).rejects.toThrow('broken');
  });

  it('is reported to onError instead, and refuses a client that wanted to connect', async () => {
    const reports: [unknown, GatewayEvent][] = [];
    const onError = (...report: [unknown, GatewayEvent]) => void reports.push(report);
    const handler = LambdaWebSocket.handle(fails, { onError });
    const event = connectEvent(connection);
    expect(await handler(event, context)).toEqual({ statusCode: 500 });
    expect(reports).toEqual([[new Error('broken'), event]]);
  });

  it('is none when the event’s own peer has left meanwhile', async () => {
    const handler = LambdaWebSocket.handle((ws) => ws.send('x'), over(new MemoryApi(httpError(410))));
    expect(await handler(messageEvent(connection, ''), context)).toEqual({ statusCode: 200 });
  });

  it('is one when another connection is gone', async () => {
    const api = new MemoryApi(httpError(410));
    const handler = LambdaWebSocket.handle((ws) => ws.to(other.connectionId).send('x'), over(api));
    await expect(handler(messageEvent(connection, ''), context)).rejects.toBeInstanceOf(ClosedError);
  });
});

describe('calls that a handler did not await', () => {
  it('are waited for, since Lambda freezes the process afterwards', async () => {
    const api = new MemoryApi(httpError(429));
    const handler = LambdaWebSocket.handle((ws) => void ws.send('x'), over(api));
    await handler(messageEvent(connection, ''), context);
    expect(api.calls).toEqual([`post ${connection.connectionId} x`, `post ${connection.connectionId} x`]);
  });

  it('count as the handler’s failure when they fail, but not when a peer has left', async () => {
    const denied = LambdaWebSocket.handle((ws) => void ws.send('x'), over(new MemoryApi(httpError(403))));
    await expect(denied(messageEvent(connection, ''), context)).rejects.toMatchObject({
      reason: 'forbidden',
    });
    const left = LambdaWebSocket.handle((ws) => void ws.send('x'), over(new MemoryApi(httpError(410))));
    expect(await left(messageEvent(connection, ''), context)).toEqual({ statusCode: 200 });
  });

  it('are waited for after a failure as well', async () => {
    const api = new MemoryApi();
    let posted = false;
    api.post = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      posted = true;
    };
    const handler = LambdaWebSocket.handle((ws) => {
      void ws.send('x');
      throw new Error('broken');
    }, over(api));
    await expect(handler(messageEvent(connection, ''), context)).rejects.toThrow('broken');
    expect(posted).toBe(true);
  });
});

describe('the management API', () => {
  it('is made once per endpoint, when it is first needed, and kept over invocations', async () => {
    const made: string[] = [];
    const managementApi = ({ url, region }: { url: string; region: string }) => {
      made.push(`${region} ${url}`);
      return new MemoryApi();
    };
    const handler = LambdaWebSocket.handle((ws) => (ws.event.type === 'MESSAGE' ? ws.send('x') : undefined), {
      managementApi,
    });
    await handler(connectEvent(connection), context);
    expect(made).toEqual([]);
    await handler(messageEvent(connection, ''), context);
    await handler(messageEvent(other, ''), context);
    await handler(messageEvent({ ...other, stage: 'beta' }, ''), context);
    const host = 'https://abcdef1234.execute-api.eu-central-1.amazonaws.com';
    expect(made).toEqual([`eu-central-1 ${host}/prod`, `eu-central-1 ${host}/beta`]);
  });

  it('is made anew after that failed', async () => {
    let tries = 0;
    const managementApi = () => {
      tries += 1;
      if (tries === 1) throw new Error('not today');
      return new MemoryApi();
    };
    const handler = LambdaWebSocket.handle((ws) => ws.send('x'), { managementApi });
    await expect(handler(messageEvent(connection, ''), context)).rejects.toThrow('not today');
    expect(await handler(messageEvent(connection, ''), context)).toEqual({ statusCode: 200 });
  });

  it('is not called again when the invocation’s time is nearly over', async () => {
    const api = new MemoryApi(httpError(503));
    const handler = LambdaWebSocket.handle((ws) => ws.send('x'), over(api));
    const late = invocationContext(150);
    await expect(handler(messageEvent(connection, ''), late)).rejects.toMatchObject({ attempts: 1 });
  });
});
