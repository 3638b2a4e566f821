/** The share of a turn, and the line of those who came when it was spent. */
import { describe, expect, it } from 'vitest';
import { getInLine, isSpent, standBack } from '../../src/framework/turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Holds the event loop. */
function spend(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** The beginning of a share: two turns after anybody asked, whatever a test before has left. */
async function fresh(): Promise<void> {
  for (let index = 0; index < 3; index += 1) await turn();
}

describe('the share of a turn', () => {
  it('is spent by time, and there again in a later turn', async () => {
    await fresh();
    expect(isSpent(true)).toBe(false);
    spend(6);
    expect(isSpent(true)).toBe(true);
    expect(isSpent(false)).toBe(true);
    await fresh();
    expect(isSpent(true)).toBe(false);
  });
});

describe('the line', () => {
  it('is served in later turns, in order', async () => {
    await fresh();
    const served: number[] = [];
    for (let index = 0; index < 5; index += 1) getInLine(() => served.push(index));
    expect(served).toEqual([]);
    await fresh();
    expect(served).toEqual([0, 1, 2, 3, 4]);
  });

  it('comes before newcomers, who go by themselves once nobody is in it', async () => {
    await fresh();
    getInLine(() => {});
    expect(isSpent(true)).toBe(true);
    expect(isSpent(false)).toBe(false);
    await fresh();
    expect(isSpent(true)).toBe(false);
  });

  it('gives others their turn when those in it take long', async () => {
    await fresh();
    let inThisTurn = 0;
    let most = 0;
    let served = 0;
    const watch = (): void => {
      inThisTurn = 0;
      if (served < 12) setImmediate(watch);
    };
    setImmediate(watch);
    for (let index = 0; index < 12; index += 1) {
      getInLine(() => {
        served += 1;
        inThisTurn += 1;
        most = Math.max(most, inThisTurn);
        spend(3);
      });
    }
    while (served < 12) await turn();
    expect(most).toBeLessThanOrEqual(3);
  });

  it('takes those who get in line again', async () => {
    await fresh();
    let left = 3;
    const again = (): void => {
      left -= 1;
      if (left > 0) getInLine(again);
    };
    getInLine(again);
    for (let index = 0; index < 10 && left > 0; index += 1) await turn();
    expect(left).toBe(0);
  });
});

describe('sockets that come to be opened', () => {
  it('have the next turn to themselves', async () => {
    await fresh();
    const events: string[] = [];
    getInLine(() => events.push('line'));
    standBack();
    setImmediate(() => {
      events.push(isSpent(false) ? 'stands back' : 'its turn');
      setImmediate(() => setImmediate(() => events.push('later')));
    });
    while (!events.includes('later')) await turn();
    expect(events).toEqual(['stands back', 'line', 'later']);
    await fresh();
    expect(isSpent(true)).toBe(false);
  });

  it('do not hold up the line for ever', async () => {
    await fresh();
    let served = false;
    let turns = 0;
    getInLine(() => {
      served = true;
    });
    while (!served && turns < 100) {
      standBack();
      turns += 1;
      await turn();
    }
    expect(turns).toBeGreaterThan(10);
    expect(turns).toBeLessThan(30);
  });
});
