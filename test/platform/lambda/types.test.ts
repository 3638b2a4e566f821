/** What the types promise; `tsc` is the judge, the assertions below only give it values to compare. */
import type { APIGatewayProxyWebsocketEventV2, APIGatewayProxyWebsocketHandlerV2, Context } from 'aws-lambda';
import { expect, expectTypeOf, it } from 'vitest';
import {
  type ConnectHandler,
  type ConnectingWebSocket,
  type EndedWebSocket,
  LambdaWebSocket,
  type MessageEvent,
  type MessageHandler,
} from '../../../src/platform/lambda/index.ts';
import type { Peer } from '../../../src/platform/peer.ts';
import { connectEvent } from './gateway-events.ts';
import { connection, invocationContext } from './invocation.ts';

type Has<Type, Name extends string> = Name extends keyof Type ? true : false;

it('the handler is one of @types/aws-lambda', async () => {
  const handler = LambdaWebSocket.handle(() => {});
  const typed: APIGatewayProxyWebsocketHandlerV2 = handler;
  expect(typed).toBe(handler);
  expectTypeOf<Parameters<typeof handler>[0]>().not.toBeAny();
  const call = (event: APIGatewayProxyWebsocketEventV2, context: Context) => handler(event, context);
  expectTypeOf(call).returns.resolves.toHaveProperty('statusCode');
  expect(await handler(connectEvent(connection), invocationContext())).toEqual({ statusCode: 200 });
});

it('what the platform cannot do does not exist', () => {
  expectTypeOf<Has<LambdaWebSocket, 'send'>>().toEqualTypeOf<true>();
  for (const name of ['recv', 'ping', 'split', 'terminate', 'closed']) {
    expect(name in LambdaWebSocket.prototype).toBe(false);
  }
  expectTypeOf<Has<LambdaWebSocket, 'recv'>>().toEqualTypeOf<false>();
  expectTypeOf<Has<LambdaWebSocket, 'tryRecv'>>().toEqualTypeOf<false>();
  expectTypeOf<Has<LambdaWebSocket, 'ping'>>().toEqualTypeOf<false>();
  expectTypeOf<Has<LambdaWebSocket, 'split'>>().toEqualTypeOf<false>();
  expectTypeOf<Has<LambdaWebSocket, 'terminate'>>().toEqualTypeOf<false>();
  expectTypeOf<Parameters<LambdaWebSocket['close']>>().toEqualTypeOf<[]>();
});

it('code that uses what is missing does not compile', () => {
  const code = (ws: LambdaWebSocket): unknown[] => [
    // @ts-expect-error a message comes as the call of the handler
    ws.recv(),
    // @ts-expect-error API Gateway has no pings
    ws.ping(),
    // @ts-expect-error the management API takes no code
    ws.close(4001),
    // @ts-expect-error there are no halves
    ws.split(),
  ];
  expect(code).toBeTypeOf('function');
  LambdaWebSocket.handle({
    // @ts-expect-error the connection does not exist yet
    connect: (ws) => ws.send('early'),
    // @ts-expect-error and here not any more
    disconnect: (ws) => ws.send('late'),
  });
});

it('a function that only sends takes the socket of every platform', () => {
  expectTypeOf<LambdaWebSocket>().toExtend<Pick<Peer, 'send'>>();
  expectTypeOf<LambdaWebSocket['close']>().returns.toEqualTypeOf<ReturnType<Peer['close']>>();
});

it('nothing can be sent before the connection exists, or after', () => {
  expectTypeOf<Has<ConnectingWebSocket, 'send'>>().toEqualTypeOf<false>();
  expectTypeOf<Has<ConnectingWebSocket, 'close'>>().toEqualTypeOf<false>();
  expectTypeOf<Has<EndedWebSocket, 'send'>>().toEqualTypeOf<false>();
  expectTypeOf<Has<ConnectingWebSocket, 'to'>>().toEqualTypeOf<true>();
});

it('the event is told apart by its type', () => {
  LambdaWebSocket.handle((ws) => {
    if (ws.event.type === 'MESSAGE') expectTypeOf(ws.event.message).toEqualTypeOf<string | Uint8Array>();
    if (ws.event.type === 'DISCONNECT') expectTypeOf(ws.event.code).toEqualTypeOf<number>();
    if (ws.event.type === 'CONNECT') return ws.event.accept();
    return undefined;
  });
  expectTypeOf<Parameters<MessageHandler>[0]['event']>().toEqualTypeOf<MessageEvent>();
});

it('a connect handler returns an answer or nothing', () => {
  expectTypeOf<() => boolean>().not.toExtend<ConnectHandler>();
  expectTypeOf<() => void>().toExtend<ConnectHandler>();
  expectTypeOf<() => Promise<void>>().toExtend<ConnectHandler>();
});
