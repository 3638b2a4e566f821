/**
 * A minimal Lambda runtime, run as a process of its own: loads `_HANDLER` (`file.export` under LAMBDA_TASK_ROOT), and
 * serves one invocation after the other through the Runtime API, as a function's sandbox does.
 */
import { pathToFileURL } from 'node:url';

const {
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  AWS_LAMBDA_FUNCTION_NAME: functionName,
  LAMBDA_TASK_ROOT: taskRoot,
  _HANDLER: handlerName = '',
} = process.env;
const api = `http://${runtimeApi}/2018-06-01/runtime`;

type Handler = (event: unknown, context: object) => unknown;

async function load(): Promise<Handler> {
  const [file = '', name = ''] = handlerName.split('.');
  const module: unknown = await import(pathToFileURL(`${taskRoot}/${file}.js`).href);
  const handler = typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
  if (typeof handler !== 'function') throw new Error(`${file}.js exports no function ${name}`);
  return (event, context) => Reflect.apply(handler, undefined, [event, context]);
}

function contextOf(headers: Headers): object {
  const deadline = Number(headers.get('lambda-runtime-deadline-ms'));
  return {
    awsRequestId: headers.get('lambda-runtime-aws-request-id'),
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: headers.get('lambda-runtime-invoked-function-arn'),
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/echo',
    logStreamName: 'one',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

async function post(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body) });
  await answer.text();
}

const described = (error: unknown) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: 'unknown', errorMessage: String(error) };

async function serve(handler: Handler): Promise<never> {
  for (;;) {
    const next = await fetch(`${api}/invocation/next`);
    const id = next.headers.get('lambda-runtime-aws-request-id');
    try {
      const result = await handler(await next.json(), contextOf(next.headers));
      await post(`invocation/${id}/response`, result ?? null);
    } catch (error) {
      await post(`invocation/${id}/error`, described(error));
    }
  }
}

try {
  await serve(await load());
} catch (error) {
  await post('init/error', described(error)).catch(() => {});
  process.exit(1);
}
