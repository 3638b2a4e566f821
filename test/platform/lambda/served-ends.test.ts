import { expect, it } from 'vitest';
import { ServedEnds } from '../../../src/platform/lambda/served-ends.ts';
import { disconnectEvent } from './gateway-events.ts';
import { connection } from './invocation.ts';

/** Counts the runs for each connection id. */
function counting() {
  const ends = new ServedEnds();
  const runs = new Map<string, number>();
  const end = async (connectionId: string, connectedAt = connection.connectedAt) => {
    const { requestContext } = disconnectEvent({ ...connection, connectionId, connectedAt }, 1000, '');
    await ends.once(requestContext, async () => {
      runs.set(connectionId, (runs.get(connectionId) ?? 0) + 1);
      return { statusCode: 200 };
    });
  };
  return { end, runs };
}

it('remembers the last thousand ends, so that a long-lived process does not grow', async () => {
  const { end, runs } = counting();
  for (let number = 0; number <= 1_000; number += 1) await end(`connection ${number}`);
  await end('connection 1');
  await end('connection 0');
  expect([runs.get('connection 1'), runs.get('connection 0')]).toEqual([1, 2]);
});

it('tells two connections apart that had the same id one after the other', async () => {
  const { end, runs } = counting();
  await end('same', 1);
  await end('same', 2);
  await end('same', 2);
  expect(runs.get('same')).toBe(2);
});
