import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/connection/connection.ts';
import { keepExemplar, type WayIn } from '../../src/framework/exemplar.ts';

const namesOf = (parts: readonly unknown[]): string[] => parts.map((part) => Object(part).constructor.name);

describe('the kept handshakes', () => {
  it.each<WayIn>(['listen', 'upgrade'])(
    'of %s are made once, hold one of everything, and are over at once',
    async (way) => {
      const kept = keepExemplar(way);
      expect(keepExemplar(way)).toBe(kept);
      expect(namesOf(kept)).toEqual(
        expect.arrayContaining(['WebSocketContext', 'WebSocketResponse', 'Connection']),
      );
      const connections = kept.filter((part) => part instanceof Connection);
      expect(connections).toHaveLength(1);
      const closures = await Promise.all(connections.map((connection) => connection.closed));
      expect(closures.map(({ code }) => code)).toEqual([1006]);
    },
  );

  it('hold what each way in has of its own', () => {
    expect(namesOf(keepExemplar('listen'))).toEqual(expect.arrayContaining(['Opening', 'StreamTransport']));
    const attached = keepExemplar('upgrade');
    expect(attached.some((part) => part instanceof IncomingMessage)).toBe(true);
    const sockets = attached.filter((part) => part instanceof Socket);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  });
});
