import { describe, expect, it } from 'vitest';
import { storedBlocks } from '../../../src/extension/permessage-deflate/deflater.ts';
import { Jobs } from '../../../src/extension/permessage-deflate/jobs.ts';
import { noise, noTakeover, openExtension, openSession, ReferenceInflater, takeover } from './reference.ts';
import { openZlibHandles } from './zlib-handles.ts';

describe('Jobs', () => {
  it('runs no more than its concurrency, and starts in order', () => {
    const jobs = new Jobs(2);
    const started: number[] = [];
    const finish: (() => void)[] = [];
    for (let job = 0; job < 6; job += 1) {
      jobs.add((finished) => {
        started.push(job);
        finish.push(finished);
      });
    }
    expect(started).toEqual([0, 1]);
    finish[1]?.();
    expect(started).toEqual([0, 1, 2]);
    finish[0]?.();
    finish[2]?.();
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  it('goes on after jobs that finish at once', () => {
    const jobs = new Jobs(1);
    let release: (() => void) | undefined;
    let count = 0;
    jobs.add((finished) => {
      release = finished;
    });
    for (let job = 0; job < 1000; job += 1) {
      jobs.add((finished) => {
        count += 1;
        finished();
      });
    }
    expect(count).toBe(0);
    release?.();
    expect(count).toBe(1000);
  });

  it('bounds the contexts of long messages', async () => {
    const before = openZlibHandles();
    const { shared } = openExtension('direct', { concurrency: 2 });
    const sessions = Array.from({ length: 8 }, () => openSession(shared, takeover(12), takeover(15)));
    const long = noise(150_000);
    let most = 0;
    await Promise.all(
      sessions.map(
        (session) =>
          new Promise<void>((resolve) => {
            session.outbound(long, () => resolve());
            most = Math.max(most, openZlibHandles() - before);
          }),
      ),
    );
    expect(most).toBe(2);
    expect(openZlibHandles()).toBe(before);
    for (const session of sessions) session.dispose();
  });
});

describe('storedBlocks', () => {
  it.each([1, 65_534, 65_535, 65_536, 200_000])(
    'makes a message of %i bytes that is read as it was',
    (length) => {
      const message = noise(length);
      expect(new ReferenceInflater(noTakeover(15)).inflate(storedBlocks(message)).equals(message)).toBe(true);
    },
  );
});
