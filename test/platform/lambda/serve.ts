/** An emulated API with a handler behind it that calls back through the AWS SDK. */
import {
  type LambdaHandler,
  type LambdaHandlerFunction,
  type LambdaHandlers,
  type LambdaOptions,
  LambdaWebSocket,
} from '../../../src/platform/lambda/index.ts';
import { Gateway, type GatewayOptions } from './gateway.ts';
import { invocationContext } from './invocation.ts';

export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const open: Gateway[] = [];

/** For `afterEach`. */
export async function stopServing(): Promise<void> {
  for (const gateway of open.splice(0)) await gateway.stop();
}

/** A gateway in front of a handler that calls it back through the SDK. */
export async function serve(
  handlers: LambdaHandlerFunction | LambdaHandlers,
  { gateway: rules, ...options }: LambdaOptions & { gateway?: GatewayOptions } = {},
): Promise<Gateway> {
  let handler: LambdaHandler | undefined;
  const gateway = await Gateway.start(async (event) => handler?.(event, invocationContext()), rules);
  handler = LambdaWebSocket.handle(handlers, {
    endpoint: gateway.endpoint,
    region: 'eu-central-1',
    clientConfig: { credentials },
    sleep: async () => {},
    ...options,
  });
  open.push(gateway);
  return gateway;
}
