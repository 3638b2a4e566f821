import { describe, expect, it } from 'vitest';
import { Clock, type Timed } from '../../src/framework/clock.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Holds the event loop, as a handler that computes for long does. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

class Alarm implements Timed {
  bucket = 0;
  slot = 0;
  readonly ticks: number[] = [];
  at: number;
  constructor(at: number) {
    this.at = at;
  }
  deadline(): number {
    return this.at;
  }
  tick(now: number): void {
    this.ticks.push(now);
    this.at = Infinity;
  }
}

describe('Clock', () => {
  it('ticks after the deadline, never before it, and once', async () => {
    const clock = new Clock();
    const alarms = [10, 120, 60].map((ms) => new Alarm(clock.now() + ms));
    const deadlines = alarms.map(({ at }) => at);
    for (const alarm of alarms) clock.arm(alarm, alarm.deadline());
    expect(clock.size).toBe(3);
    while (clock.size > 0) await pause(20);
    await pause(60);
    for (const [index, alarm] of alarms.entries()) {
      expect(alarm.ticks).toHaveLength(1);
      expect(alarm.ticks[0]).toBeGreaterThanOrEqual(deadlines[index] ?? Infinity);
    }
  });

  it('puts an entry back while its deadline moves on', async () => {
    const clock = new Clock();
    let ticks = 0;
    const timed: Timed = {
      bucket: 0,
      slot: 0,
      deadline: () => (ticks < 3 ? clock.now() + 20 : Infinity),
      tick: () => {
        ticks += 1;
      },
    };
    clock.arm(timed, timed.deadline());
    while (clock.size > 0) await pause(20);
    expect(ticks).toBe(3);
  });

  it('a nearer deadline counts, a later one does not postpone', async () => {
    const clock = new Clock();
    const alarm = new Alarm(clock.now() + 60_000);
    clock.arm(alarm, alarm.at);
    clock.arm(alarm, clock.now() + 10);
    clock.arm(alarm, clock.now() + 120_000);
    while (alarm.ticks.length === 0) await pause(20);
    expect(clock.size).toBe(0);
  });

  it('forgets what is disarmed, and what never comes due', async () => {
    const clock = new Clock();
    const alarm = new Alarm(clock.now() + 10);
    const other = new Alarm(clock.now() + 10);
    clock.arm(alarm, alarm.at);
    clock.arm(other, other.at);
    clock.arm(new Alarm(Infinity), Infinity);
    clock.disarm(alarm);
    expect(clock.size).toBe(1);
    while (clock.size > 0) await pause(20);
    expect(alarm.ticks).toEqual([]);
    expect(other.ticks).toHaveLength(1);
    clock.disarm(other);
    expect(clock.size).toBe(0);
  });

  it('does not count the time during which the loop was blocked', async () => {
    const clock = new Clock();
    const alarm = new Alarm(clock.now() + 1_500);
    clock.arm(alarm, alarm.at);
    await pause(20);
    const before = clock.now();
    block(2_500);
    await pause(50);
    // All but the second of the clock's own beat is taken out again.
    expect(clock.now() - before).toBeLessThan(1_400);
    expect(alarm.ticks).toEqual([]);
    clock.disarm(alarm);
  });

  it('keeps nothing of what was disarmed or moved, and all of the others', async () => {
    const clock = new Clock();
    const due = clock.now() + 300;
    const alarms = Array.from({ length: 60 }, () => new Alarm(due));
    for (const alarm of alarms) clock.arm(alarm, due);
    // In every order: the first, the last, and those between, some moved to a nearer bucket.
    for (const [index, alarm] of alarms.entries()) {
      if (index % 3 === 0) clock.disarm(alarm);
      else if (index % 7 === 0) {
        alarm.at = due - 200;
        clock.arm(alarm, alarm.at);
      }
    }
    expect(clock.size).toBe(40);
    while (clock.size > 0) await pause(20);
    for (const [index, alarm] of alarms.entries()) expect(alarm.ticks).toHaveLength(index % 3 === 0 ? 0 : 1);
  });

  it('bears entries that disarm and arm each other while their bucket is worked off', async () => {
    const clock = new Clock();
    const due = clock.now() + 20;
    const ticks: string[] = [];
    const alarms = Array.from({ length: 6 }, () => new Alarm(due));
    const [first, second, third, fourth] = alarms;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined) return;
    first.tick = () => {
      ticks.push('first');
      first.at = Infinity;
      clock.disarm(second);
      // Due at once: a new bucket of the same number.
      clock.arm(new Alarm(due), due);
      clock.disarm(third);
      clock.disarm(fourth);
      clock.arm(fourth, due);
    };
    for (const alarm of alarms) clock.arm(alarm, due);
    while (clock.size > 0) await pause(20);
    expect(ticks).toEqual(['first']);
    expect(alarms.slice(1).map((alarm) => alarm.ticks.length)).toEqual([0, 0, 1, 1, 1]);
  });
});
