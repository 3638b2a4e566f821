/** Hibernation as it comes by itself, some ten seconds after the last event, and messages sent just then. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectRemote, type Remote } from '../remote.ts';
import { startWorkerd, type WorkerRuntime } from './support/workerd.ts';

interface Session {
  readonly user: string;
  readonly born: number;
  readonly subprotocol: string;
  readonly seen: readonly (readonly [string, number])[];
}

/** Milliseconds without an event after which workerd evicts an object whose sockets can hibernate. */
const idle = 10_000;
/** Milliseconds before and after that in which messages are sent. */
const around = 400;
const rooms = 40;

let runtime: WorkerRuntime;
const remotes: Remote[] = [];

beforeAll(async () => {
  runtime = await startWorkerd({
    entry: 'test/platform/workers/fixtures/durable-worker.ts',
    compatibilityDate: '2026-11-01',
    durableObjects: { ROOM: 'Room' },
  });
});
afterAll(async () => {
  for (const remote of remotes) remote.terminate();
  await runtime.stop();
});

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function sessionOf(remote: Remote): Promise<Session> {
  remote.send('session');
  return JSON.parse(String(await remote.next()));
}

/** A member of a room of its own, before the room sleeps and after. */
async function sleepOver(number: number): Promise<{ before: Session; after: Session }> {
  const remote = await connectRemote(`ws://${runtime.host}/room/${number}?user=u${number}`, ['v2']);
  remotes.push(remote);
  await remote.next();
  remote.send('see cat');
  await remote.next();
  const before = await sessionOf(remote);
  await pause(idle - around + (2 * around * number) / rooms);
  for (let count = 0; count < 5; count += 1) remote.send('see dog');
  for (let count = 0; count < 5; count += 1) await remote.next();
  return { before, after: await sessionOf(remote) };
}

it('restores every session, and loses no message sent around it', async () => {
  const nights = await Promise.all(Array.from({ length: rooms }, (_, number) => sleepOver(number)));
  for (const [number, { before, after }] of nights.entries()) {
    expect(before).toMatchObject({ user: `u${number}`, subprotocol: 'v2', seen: [['cat', 1]] });
    expect(after).toMatchObject({
      user: `u${number}`,
      subprotocol: 'v2',
      seen: [
        ['cat', 1],
        ['dog', 5],
      ],
    });
  }
  // The last message came well after the eviction; on an idle machine about half of them came before.
  expect(nights.at(-1)?.after.born).toBeGreaterThan(rooms);
});
