import { describe, expect, it } from 'vitest';
import { ClosedError } from '../../src/connection/errors.ts';
import { Deferred, refused } from '../../src/connection/promises.ts';
import { standing, turn } from './wire.ts';

const closed = new ClosedError({ code: 1006, reason: '', clean: false, by: 'transport' });

/** Collects the rejections that nobody handled. */
async function unhandledOf(act: () => void): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  act();
  await turn();
  await turn();
  process.removeAllListeners('unhandledRejection');
  for (const other of others) process.on('unhandledRejection', other);
  return unhandled;
}

describe('promises', () => {
  it('are settled from outside', async () => {
    const one = new Deferred();
    expect(await standing(one.promise)).toBe('pending');
    one.resolve();
    expect(await standing(one.promise)).toBe('resolved');
    const other = new Deferred();
    other.reject(closed);
    expect(await standing(other.promise)).toBe(closed);
    expect(await standing(refused(closed))).toBe(closed);
  });

  it('rejected because the connection is over trouble nobody', async () => {
    const unhandled = await unhandledOf(() => {
      new Deferred().reject(closed);
      void refused(new Error('refused'));
    });
    expect(unhandled).toEqual([]);
  });

  it('rejected for another reason have to be handled', async () => {
    const error = new Error('the application’s own');
    expect(await unhandledOf(() => new Deferred().reject(error))).toEqual([error]);
  });
});
