import { afterAll, beforeAll, describe } from 'vitest';
import { listen } from '../../src/framework/listen.ts';
import { type ContractHarness, peerContract } from './contract.ts';
import { contractHandlers } from './contract-handlers.ts';
import { connectRemote } from './remote.ts';

describe('Peer on Node', () => {
  const reports = new Map<string, unknown>();
  const errors: string[] = [];
  const handlers = new Map(Object.entries(contractHandlers((name, value) => reports.set(name, value))));
  let server: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    const config = {
      subprotocols: ['v2', 'v1'],
      onError: (error: unknown) => void errors.push(error instanceof Error ? error.message : String(error)),
    };
    server = await listen(
      '127.0.0.1:0',
      {
        '/handler/:name': (context) => {
          const handler = handlers.get(context.params['name'] ?? '');
          return handler === undefined ? context.reject(404) : context.upgrade(handler);
        },
      },
      config,
    );
  });
  afterAll(() => server.close());

  async function whenThere<Value>(read: () => Value | undefined): Promise<Value> {
    for (let tries = 0; tries < 500; tries += 1) {
      const value = read();
      if (value !== undefined) return value;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('nothing was reported');
  }

  const harness: ContractHarness = {
    open: (handler, subprotocols) =>
      connectRemote(`ws://127.0.0.1:${server.port}/handler/${handler}`, subprotocols),
    async report(name) {
      const value = await whenThere(() => reports.get(name));
      reports.delete(name);
      return value;
    },
    errors: () => whenThere(() => (errors.length > 0 ? errors.splice(0) : undefined)),
  };

  peerContract(() => harness);
});
