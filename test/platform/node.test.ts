import { afterAll, beforeAll, describe } from 'vitest';
import { listen } from '../../src/framework/listen.ts';
import { peerContract } from './contract.ts';
import { contractHandlers } from './contract-handlers.ts';
import { createRecords } from './records.ts';
import { connectRemote } from './remote.ts';

describe('Peer on Node', () => {
  const { report, onError, reading } = createRecords();
  const handlers = new Map(Object.entries(contractHandlers(report)));
  let server: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    server = await listen(
      '127.0.0.1:0',
      {
        '/handler/:name': (context) => {
          const handler = handlers.get(context.params['name'] ?? '');
          return handler === undefined ? context.reject(404) : context.upgrade(handler);
        },
      },
      { subprotocols: ['v2', 'v1'], onError },
    );
  });
  afterAll(() => server.close());

  peerContract(() => ({
    ...reading,
    open: (handler, subprotocols) =>
      connectRemote(`ws://127.0.0.1:${server.port}/handler/${handler}`, subprotocols),
  }));
});
