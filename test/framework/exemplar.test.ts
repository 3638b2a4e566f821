import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/connection/connection.ts';
import { keepExemplar } from '../../src/framework/exemplar.ts';

describe('the kept handshakes', () => {
  it('are made once, hold one of everything, and are over at once', async () => {
    const kept = keepExemplar();
    expect(keepExemplar()).toBe(kept);
    const names = kept.map((part) => Object(part).constructor.name);
    for (const name of [
      'Opening',
      'StreamTransport',
      'WebSocketContext',
      'WebSocketResponse',
      'Connection',
    ]) {
      expect(names).toContain(name);
    }
    const connections = kept.filter((part) => part instanceof Connection);
    expect(connections).toHaveLength(2);
    const closures = await Promise.all(connections.map((connection) => connection.closed));
    expect(closures.map(({ code }) => code)).toEqual([1006, 1006]);
  });
});
