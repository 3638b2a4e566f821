import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRemote, type Remote } from '../remote.ts';
import { compatibilityDates } from './support/dates.ts';
import { startWorkerd, type WorkerRuntime } from './support/workerd.ts';

describe.each(compatibilityDates)(
  'a room of a SessionMap alone, compatibility date %s',
  (compatibilityDate) => {
    let runtime: WorkerRuntime;

    beforeAll(async () => {
      runtime = await startWorkerd({
        entry: 'test/platform/workers/fixtures/plain-room-worker.ts',
        compatibilityDate,
        durableObjects: { ROOM: 'Room' },
      });
    });
    afterAll(() => runtime.stop());

    const join = (name: string): Promise<Remote> =>
      connectRemote(`ws://${runtime.host}/room?name=${name}`, ['chat.v1']);

    it('chats, sleeps, and chats on with whom it knows', async () => {
      const [ann, ben] = [await join('ann'), await join('ben')];
      ann.send('hi');
      for (const remote of [ann, ben]) expect(await remote.next()).toBe('ann (1, chat.v1): hi');
      await fetch(`http://${runtime.host}/evict`);
      ann.send('again');
      for (const remote of [ann, ben]) expect(await remote.next()).toBe('ann (2, chat.v1): again');
      await fetch(`http://${runtime.host}/evict`);
      ben.close(4001);
      expect(await ben.ended).toMatchObject({ code: 4001 });
      expect(await ann.next()).toBe('ben left');
      await expect(connectRemote(`ws://${runtime.host}/room`)).rejects.toThrow('400');
      ann.terminate();
    });
  },
);
