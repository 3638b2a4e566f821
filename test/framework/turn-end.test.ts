/** When what connections have collected is written. */
import { describe, expect, it } from 'vitest';
import { type Moments, TurnEnd } from '../../src/framework/turn-end.ts';

/** An event loop that stands still until it is told to go on. */
class Loop implements Moments {
  time = 0;
  readonly asked = { soon: 0, later: 0 };
  #soon: (() => void)[] = [];
  #later: (() => void)[] = [];

  soon(act: () => void): void {
    this.asked.soon += 1;
    this.#soon.push(act);
  }

  later(act: () => void): void {
    this.asked.later += 1;
    this.#later.push(act);
  }

  now(): number {
    return this.time;
  }

  /** The work under way is done. */
  idle(): void {
    for (const act of this.#soon.splice(0)) act();
  }

  /** So are the reads of this turn. */
  turnOver(): void {
    this.idle();
    for (const act of this.#later.splice(0)) act();
  }
}

const setUp = () => {
  const loop = new Loop();
  const end = new TurnEnd(loop);
  const flushed: number[] = [];
  const connection = (name: number) => ({ flush: () => void flushed.push(name) });
  return { loop, end, flushed, connection };
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('the end of a turn', () => {
  it('writes for all at once behind the reads, in the order in which they came, once', () => {
    const { loop, end, flushed, connection } = setUp();
    for (const name of upTo(5)) {
      end.defer(connection(name));
      loop.idle();
    }
    expect(flushed).toEqual([]);
    loop.turnOver();
    expect(flushed).toEqual([0, 1, 2, 3, 4]);
    loop.turnOver();
    expect(flushed).toHaveLength(5);
    expect(loop.asked).toEqual({ soon: 0, later: 1 });
  });

  it('does not wait for more company than there is a use for', () => {
    const { loop, end, flushed, connection } = setUp();
    for (const name of upTo(31)) end.defer(connection(name));
    loop.idle();
    expect(flushed).toEqual([]);
    for (const name of [31, 32, 33]) end.defer(connection(name));
    expect(flushed).toEqual([]);
    loop.idle();
    expect(flushed).toEqual(upTo(34));
    end.defer(connection(34));
    loop.idle();
    expect(flushed).toHaveLength(34);
    loop.turnOver();
    expect(flushed).toEqual(upTo(35));
  });

  it('asks once for a crowd', () => {
    const { loop, end, flushed, connection } = setUp();
    for (const name of upTo(1_000)) end.defer(connection(name));
    loop.turnOver();
    expect(flushed).toEqual(upTo(1_000));
    expect(loop.asked).toEqual({ soon: 1, later: 1 });
  });

  it('writes at once for a while when the loop is slow to come there, and then tries again', () => {
    const { loop, end, flushed, connection } = setUp();
    end.defer(connection(0));
    loop.time += 3;
    loop.turnOver();
    for (const name of upTo(95)) {
      loop.time += 1;
      end.defer(connection(1 + name));
      loop.idle();
      expect(flushed).toHaveLength(2 + name);
    }
    loop.time += 1;
    for (const name of [96, 97]) {
      end.defer(connection(name));
      loop.idle();
      expect(flushed).toHaveLength(96);
      loop.time += 1;
    }
    loop.turnOver();
    end.defer(connection(98));
    loop.idle();
    expect(flushed).toEqual(upTo(98));
  });

  it('does not hold against a loop for ever that it stood still for long', () => {
    const { loop, end, flushed, connection } = setUp();
    end.defer(connection(0));
    loop.time += 3_600_000;
    loop.turnOver();
    loop.time += 4_999;
    end.defer(connection(1));
    loop.idle();
    expect(flushed).toEqual([0, 1]);
    loop.time += 1;
    end.defer(connection(2));
    loop.idle();
    expect(flushed).toEqual([0, 1]);
    loop.turnOver();
    expect(flushed).toEqual([0, 1, 2]);
  });

  it.each([
    [3, 4],
    [1, 4],
    [0.2, 16],
  ])('has nobody wait for handlers that take %d ms each: the first for %d at most', (each, most) => {
    const { loop, end, flushed, connection } = setUp();
    for (const name of upTo(32)) {
      loop.time += each;
      end.defer(connection(name));
      loop.idle();
      // One after another after that, in the same turn and in others.
      expect(flushed).toHaveLength(name + 1 < most ? 0 : name + 1);
      if (name % 20 === 19) loop.turnOver();
    }
    expect(flushed).toEqual(upTo(32));
  });

  it('writes in the next turn what comes up while it writes', () => {
    const { loop, end, flushed, connection } = setUp();
    end.defer({ flush: () => end.defer(connection(1)) });
    end.defer(connection(0));
    loop.turnOver();
    expect(flushed).toEqual([0]);
    loop.turnOver();
    expect(flushed).toEqual([0, 1]);
  });

  it('leaves nobody without an end when an error cuts it off', () => {
    const { loop, end, flushed, connection } = setUp();
    let full = true;
    const later = loop.later.bind(loop);
    loop.later = (act) => {
      if (full) throw new RangeError('the stack is full');
      later(act);
    };
    expect(() => end.defer(connection(0))).toThrow(RangeError);
    full = false;
    end.defer(connection(1));
    loop.turnOver();
    expect(flushed).toEqual([1]);
  });

  it('writes for those behind one whose write throws', () => {
    const { loop, end, flushed, connection } = setUp();
    end.defer(connection(0));
    end.defer({
      flush: () => {
        throw new RangeError('no memory');
      },
    });
    for (const name of [1, 2]) end.defer(connection(name));
    expect(() => loop.turnOver()).toThrow(RangeError);
    expect(flushed).toEqual([0]);
    loop.turnOver();
    expect(flushed).toEqual([0, 1, 2]);
    loop.turnOver();
    expect(flushed).toHaveLength(3);
  });
});
