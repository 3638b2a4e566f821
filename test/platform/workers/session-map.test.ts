import { describe, expect, it } from 'vitest';
import { StateError } from '../../../src/connection/errors.ts';
import { SessionMap } from '../../../src/platform/workers/session-map.ts';
import { FakeHost, FakeSocket } from './support/fakes.ts';

interface Player {
  name: string;
  readonly scores: Map<string, number>;
}

const player = (name: string): Player => ({ name, scores: new Map([['a', 1]]) });

function setUp() {
  const host = new FakeHost();
  return { host, sessions: new SessionMap<Player>(host), socket: new FakeSocket() };
}

describe('SessionMap', () => {
  it('accepts a new socket with its tags, and leaves an accepted one as it is', () => {
    const { host, sessions, socket } = setUp();
    sessions.insert(socket, player('ann'), { tags: ['red'], subprotocol: 'v1' });
    expect(host.getTags(socket)).toEqual(['red']);
    sessions.insert(socket, player('ben'));
    expect(sessions.get(socket)?.name).toBe('ben');
    expect(sessions.subprotocol(socket)).toBe('v1');
    expect(sessions.size).toBe(1);
  });

  it('restores what was inserted, updated and persisted, and nothing else', () => {
    const { host, sessions, socket } = setUp();
    const [other, foreign, deleted] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
    sessions
      .insert(socket, player('ann'), { subprotocol: 'v1' })
      .insert(other, player('ben'))
      .insert(deleted, player('cy'));
    host.acceptWebSocket(foreign);
    foreign.serializeAttachment({ session: 'of somebody else' });
    sessions.update(socket, ({ scores }) => {
      scores.set('b', 2);
    });
    const inMemory = sessions.get(other);
    if (inMemory !== undefined) inMemory.name = 'not kept';
    sessions.delete(deleted);
    const restored = SessionMap.restore<Player>(host);
    expect([...restored].map(([, { name, scores }]) => [name, [...scores]])).toEqual([
      [
        'ann',
        [
          ['a', 1],
          ['b', 2],
        ],
      ],
      ['ben', [['a', 1]]],
    ]);
    expect(restored.subprotocol(socket)).toBe('v1');
    expect([restored.has(foreign), restored.has(deleted)]).toEqual([false, false]);
    sessions.persist(other);
    expect(SessionMap.restore<Player>(host).get(other)?.name).toBe('not kept');
  });

  it('takes a session that update returns', () => {
    const { sessions, socket } = setUp();
    sessions.insert(socket, player('ann'));
    expect(sessions.update(socket, () => player('ben')).name).toBe('ben');
    expect(sessions.get(socket)?.name).toBe('ben');
  });

  it('changes nothing when update throws, or makes the session too large or impossible to clone', () => {
    const { host, sessions, socket } = setUp();
    sessions.insert(socket, player('ann'));
    const attempts: [(session: Player) => undefined, string][] = [
      [
        (session) => {
          session.name = 'lost';
          throw new SyntaxError('mine');
        },
        'SyntaxError',
      ],
      [
        (session) => {
          session.name = 'x'.repeat(16_384);
        },
        'RangeError',
      ],
      [
        (session) => {
          Reflect.set(session, 'name', () => 'a function');
        },
        'DataCloneError',
      ],
    ];
    for (const [change, name] of attempts) {
      expect(() => sessions.update(socket, change)).toThrow(expect.objectContaining({ name }));
      expect(sessions.get(socket)?.name).toBe('ann');
      expect(SessionMap.restore<Player>(host).get(socket)?.name).toBe('ann');
    }
  });

  it('does not accept a socket whose session or tags are too much', () => {
    const { host, sessions, socket } = setUp();
    expect(() => sessions.insert(socket, player('x'.repeat(16_384)))).toThrow(RangeError);
    const tags = Array.from({ length: 11 }, (_, index) => String(index));
    expect(() => sessions.insert(socket, player('ann'), { tags })).toThrow('10 tags');
    expect([host.getWebSockets(), sessions.has(socket)]).toEqual([[], false]);
  });

  it('says so when a socket has no session', () => {
    const { sessions, socket } = setUp();
    expect(() => sessions.persist(socket)).toThrow(StateError);
    expect(() => sessions.update(socket, () => undefined)).toThrow(StateError);
    expect(sessions.delete(socket)).toBe(false);
    expect(sessions.get(socket)).toBeUndefined();
  });

  it('removes with a close, delete keeps the socket', () => {
    const { sessions, socket } = setUp();
    sessions.insert(socket, player('ann'));
    expect(() => sessions.remove(socket, 1006)).toThrow(RangeError);
    expect([sessions.has(socket), socket.closed]).toEqual([true, undefined]);
    expect(sessions.delete(socket)).toBe(true);
    expect(socket.closed).toBeUndefined();
    sessions.insert(socket, player('ann'));
    expect(sessions.remove(socket, 4000, 'out')).toBe(true);
    expect(socket.closed).toEqual([4000, 'out']);
    expect(sessions.size).toBe(0);
  });

  it('broadcasts to all but, to a tag, to those a filter likes, and returns who is closing', () => {
    const { sessions } = setUp();
    const [ann, ben, cy] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
    sessions.insert(ann, player('ann'), { tags: ['red'] });
    sessions.insert(ben, player('ben'), { tags: ['red', 'blue'] });
    sessions.insert(cy, player('cy'), { tags: ['blue'] });
    expect(sessions.byTag('red')).toEqual([ann, ben]);
    expect(sessions.broadcast('1', { except: ann })).toEqual([]);
    sessions.broadcast('2', { except: [ann, ben] });
    sessions.broadcast('3', { tag: 'red', except: ben });
    sessions.broadcast('4', { filter: ({ name }, socket) => name === 'cy' || socket === ann });
    sessions.delete(cy);
    cy.close();
    ben.close();
    const bytes = new Uint8Array([1]);
    expect(sessions.broadcast(bytes)).toEqual([ben]);
    expect(sessions.broadcast('\ud800', { tag: 'blue' })).toEqual([ben]);
    sessions.broadcast('a\ud800', { tag: 'red' });
    expect([ann.sent, ben.sent, cy.sent]).toEqual([['3', '4', bytes, 'a\ufffd'], ['1'], ['1', '2', '4']]);
  });
});
