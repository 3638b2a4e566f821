/**
 * From API Gateway's event to a handler and back to its answer.
 *
 * The rule of this file: invocations know nothing of each other. They may come in any order and at the same time in
 * several processes, so no event relies on an earlier one; the one thing remembered is which ends were served.
 */
import { allowsOrigin, type ConnectAnswer, judgeAnswer } from './answer.ts';
import type { CallTarget } from './calls.ts';
import { endpointOf } from './endpoint.ts';
import { ClosedError } from './errors.ts';
import { type LambdaEvent, readEvent } from './event.ts';
import type { GatewayEvent, GatewayResponse, LambdaContext } from './gateway.ts';
import { type LambdaHandlerFunction, type LambdaHandlers, readHandlers } from './handlers.ts';
import { managementApis } from './management-api.ts';
import { type LambdaOptions, readOptions } from './options.ts';
import { InvocationPeers } from './peers.ts';
import { ServedEnds } from './served-ends.ts';
import type { LambdaWebSocket } from './websocket.ts';

/** The function that Lambda calls; assignable to `APIGatewayProxyWebsocketHandlerV2` of `@types/aws-lambda`. */
export type LambdaHandler = (event: GatewayEvent, context: LambdaContext) => Promise<GatewayResponse>;

type Open = (event: LambdaEvent, context: LambdaContext, peers: InvocationPeers) => LambdaWebSocket;

/** @throws ConfigError for an unknown handler or option, and for a bad value */
export function createHandler(
  handlers: LambdaHandlerFunction | LambdaHandlers,
  options: LambdaOptions,
  open: Open,
): LambdaHandler {
  const settings = readOptions(options);
  const dispatch = readHandlers(handlers);
  const apiOf = managementApis(options);
  const ends = new ServedEnds();

  async function serve(event: LambdaEvent, context: LambdaContext): Promise<GatewayResponse> {
    const target: CallTarget = {
      api: async () => apiOf(endpointOf(event.raw, settings)),
      remaining: () => context.getRemainingTimeInMillis(),
    };
    const peers = new InvocationPeers(target, settings);
    const ws = open(event, context, peers);
    try {
      if (event.type === 'CONNECT' && !allowsOrigin(settings.origins, event))
        return toResponse(event.reject());
      const outcome = await dispatch(ws);
      const [failure] = await peers.settle();
      if (failure !== undefined) throw failure;
      if (!outcome.handled) return { statusCode: 404 };
      return event.type === 'CONNECT'
        ? toResponse(judgeAnswer(event, outcome.returned))
        : { statusCode: 200 };
    } catch (error) {
      await peers.settle();
      if (error instanceof ClosedError && error.closure === ws.closure) return { statusCode: 200 };
      if (options.onError === undefined) throw error;
      await options.onError(error, event.raw);
      return { statusCode: 500 };
    }
  }

  return async (raw, context) => {
    const event = readEvent(raw, settings.chooseSubprotocol);
    if (event.type !== 'DISCONNECT') return serve(event, context);
    return ends.once(raw.requestContext, () => serve(event, context));
  };
}

function toResponse({ statusCode, headers, body }: ConnectAnswer): GatewayResponse {
  return {
    statusCode,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
    ...(body === undefined ? {} : { body }),
  };
}
