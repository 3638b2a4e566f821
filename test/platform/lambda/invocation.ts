/** One invocation's context, and a management API in memory, for tests that need no gateway. */
import type { ConnectionInfo, LambdaContext, ManagementApi } from '../../../src/platform/lambda/index.ts';

/** @param remaining milliseconds that the invocation has left */
export const invocationContext = (remaining = 30_000): LambdaContext => ({
  awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
  functionName: 'echo',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:echo',
  memoryLimitInMB: '128',
  logGroupName: '/aws/lambda/echo',
  logStreamName: '2026/11/25/[$LATEST]0',
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => remaining,
});

/** The connection that events of these tests are about. */
export const connection = {
  connectionId: 'R0oXAdfD0kwCH6w=',
  connectedAt: 1_790_000_000_000,
  stage: 'prod',
  domainName: 'abcdef1234.execute-api.eu-central-1.amazonaws.com',
};

/** An error as the SDK throws it. */
export const httpError = (httpStatusCode: number): Error =>
  Object.assign(new Error(`status ${httpStatusCode}`), { $metadata: { httpStatusCode } });

/** Keeps what it is told; each call first takes the next planned outcome, if there is one. */
export class MemoryApi implements ManagementApi {
  readonly calls: string[] = [];
  readonly #plan: (Error | undefined)[];

  constructor(...plan: (Error | undefined)[]) {
    this.#plan = plan;
  }

  async post(connectionId: string, data: Uint8Array): Promise<void> {
    this.#take(`post ${connectionId} ${Buffer.from(data).toString()}`);
  }

  async delete(connectionId: string): Promise<void> {
    this.#take(`delete ${connectionId}`);
  }

  async get(connectionId: string): Promise<ConnectionInfo> {
    this.#take(`get ${connectionId}`);
    const at = new Date(connection.connectedAt);
    return { connectedAt: at, lastActiveAt: at, sourceIp: '127.0.0.1', userAgent: undefined };
  }

  #take(call: string): void {
    this.calls.push(call);
    const outcome = this.#plan.shift();
    if (outcome !== undefined) throw outcome;
  }
}
