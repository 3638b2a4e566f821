/**
 * Lambda's Runtime API, as documented: a runtime asks for the next invocation and posts its response or its error.
 *
 * Paths: GET /2018-06-01/runtime/invocation/next, POST …/invocation/{id}/response, POST …/invocation/{id}/error,
 * POST /2018-06-01/runtime/init/error.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

interface Invocation {
  readonly id: string;
  readonly event: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const root = '/2018-06-01/runtime';

/** One function's queue of invocations. */
export class RuntimeApi {
  readonly #server: Server;
  readonly #queued: Invocation[] = [];
  readonly #running = new Map<string, Invocation>();
  readonly #timeout: number;
  #waiting: ServerResponse | undefined;
  /** What the runtime reported when it could not load the function. */
  initError: string | undefined;

  private constructor(server: Server, timeout: number) {
    this.#server = server;
    this.#timeout = timeout;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  /** @param timeout milliseconds that one invocation has */
  static async start(timeout: number): Promise<RuntimeApi> {
    const server = createServer();
    // The runtime keeps its connection; closing an idle one could cross with its next request.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new RuntimeApi(server, timeout);
  }

  /** The value of AWS_LAMBDA_RUNTIME_API. */
  get address(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the Runtime API does not listen');
    return `127.0.0.1:${address.port}`;
  }

  /** Runs the function; rejects with what it reported as its error. */
  invoke(event: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ id: randomUUID(), event: JSON.stringify(event), resolve, reject });
      this.#deliver();
    });
  }

  /** Fails what was begun: nobody is left to do it. */
  abandon(): void {
    const error = new Error('the runtime has ended');
    for (const { reject } of [...this.#queued.splice(0), ...this.#running.values()]) reject(error);
    this.#running.clear();
  }

  async stop(): Promise<void> {
    this.abandon();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path === `${root}/invocation/next`) {
      this.#waiting = response;
      this.#deliver();
      return;
    }
    const body = await readText(request);
    if (path === `${root}/init/error`) this.initError = body;
    const [, id = '', outcome] =
      /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const invocation = this.#running.get(id);
    this.#running.delete(id);
    if (outcome === 'response') invocation?.resolve(JSON.parse(body));
    if (outcome === 'error') invocation?.reject(new Error(body));
    response.writeHead(202).end();
  }

  #deliver(): void {
    const response = this.#waiting;
    const invocation = response && this.#queued.shift();
    if (response === undefined || invocation === undefined) return;
    this.#waiting = undefined;
    this.#running.set(invocation.id, invocation);
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': String(Date.now() + this.#timeout),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-central-1:123456789012:function:echo',
    });
    response.end(invocation.event);
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
