import { afterAll, beforeAll, describe } from 'vitest';
import { type ContractHarness, peerContract } from '../contract.ts';
import { connectRemote } from '../remote.ts';
import { compatibilityDates } from './support/dates.ts';
import { startWorkerd, type WorkerRuntime } from './support/workerd.ts';

const places = compatibilityDates.flatMap((date) => [
  [date, 'handler', 'a Worker'] as const,
  [date, 'object', 'a Durable Object'] as const,
]);

describe.each(places)('Peer on workerd, compatibility date %s, /%s: %s', (compatibilityDate, place) => {
  let runtime: WorkerRuntime;

  beforeAll(async () => {
    runtime = await startWorkerd({
      entry: 'test/platform/workers/fixtures/contract-worker.ts',
      compatibilityDate,
      durableObjects: { OBJECT: 'Contract' },
    });
  });
  afterAll(() => runtime.stop());

  const read = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://${runtime.host}/${path}`);
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };

  const harness: ContractHarness = {
    open: (handler, subprotocols) => connectRemote(`ws://${runtime.host}/${place}/${handler}`, subprotocols),
    report: (name) => read(`report/${name}`),
    async errors() {
      const messages = await read('errors');
      return Array.isArray(messages) ? messages.map(String) : [];
    },
  };

  peerContract(() => harness);
});
