/** The life of a connection: closing in every order, time, and exactly one closure. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClosedError, TimeoutError } from '../../src/connection/errors.ts';
import type { Closure } from '../../src/connection/types.ts';
import { ProtocolError } from '../../src/frame/errors.ts';
import {
  client,
  closing,
  frame,
  LateSession,
  type Opened,
  opcode,
  open,
  server,
  standing,
  taken,
  turn,
} from './wire.ts';

const { text, close, ping, pong } = opcode;
const plain = { key: null } as const;

const closesSent = ({ wire }: Opened): number => wire.sent.filter((sent) => sent.opcode === close).length;

describe('the closing handshake', () => {
  it('T-CLOSE-HS: the server answers, ends the transport, and waits for its end', async () => {
    const opened = open({ role: server });
    const { connection, wire, closures } = opened;
    wire.feed(frame(close, closing(4_123, 'bye')));
    expect(connection.state).toBe('draining');
    expect(wire.sent.map((sent) => sent.payload)).toEqual([closing(4_123)]);
    expect(wire.ended).toBe(true);
    expect(await standing(connection.closed)).toBe('pending');
    wire.peer.ended();
    wire.peer.closed();
    expect(closures).toEqual([{ code: 4_123, reason: 'bye', clean: true, by: 'peer' }]);
    expect(await connection.closed).toBe(closures[0]);
  });

  it('T-CLOSE-HS: the client answers and leaves the transport to the server', async () => {
    const { connection, wire, closures } = open({ role: client });
    wire.feed(frame(close, closing(1000), plain));
    expect(connection.state).toBe('draining');
    expect(wire.ended).toBe(false);
    wire.peer.ended();
    expect(wire.ended).toBe(true);
    wire.peer.closed();
    expect(closures).toEqual([{ code: 1000, reason: '', clean: true, by: 'peer' }]);
  });

  it('T-CLOSE-HS: a Close without a code is answered without one', () => {
    const { wire, closures } = open();
    wire.feed(frame(close));
    expect(wire.sent).toMatchObject([{ opcode: close, payload: Buffer.alloc(0) }]);
    wire.peer.closed();
    expect(closures).toEqual([{ code: 1005, reason: '', clean: true, by: 'peer' }]);
  });

  it.each([
    ['server', server, {}],
    ['client', client, plain],
  ])('starts as %s: Close, answer, end', async (name, role, shape) => {
    const { connection, wire, closures } = open({ role });
    const closed = connection.close(3_999, 'enough');
    expect(connection.state).toBe('closeSent');
    expect(wire.sent.map((sent) => [sent.opcode, sent.payload])).toEqual([[close, closing(3_999, 'enough')]]);
    wire.feed(frame(text, 'still heard', shape), frame(ping, 'not answered', shape));
    wire.feed(frame(close, closing(1000, 'theirs'), shape));
    expect(connection.state).toBe('draining');
    expect(wire.ended).toBe(name === 'server');
    expect(taken(connection)).toEqual(['still heard', null]);
    wire.peer.ended();
    wire.peer.closed();
    expect(await closed).toEqual({ code: 3_999, reason: 'enough', clean: true, by: 'us' });
    expect(closures).toHaveLength(1);
    expect(wire.sent).toHaveLength(1);
  });

  it('comes behind what was sent before', async () => {
    const { connection, wire } = open();
    void connection.send('one');
    connection.write('two');
    void connection.close();
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, text, close]);
    expect(wire.writes).toHaveLength(1);
  });

  it('answers behind what was sent before', async () => {
    const { connection, wire } = open();
    void connection.send('one');
    wire.feed(frame(close));
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, close]);
  });

  it('happens once, however often it is asked for', async () => {
    const { connection, wire, closures } = open();
    const all = [connection.close(), connection.close(4_000), connection.close()];
    wire.feed(frame(close, closing(1000)));
    all.push(connection.close());
    wire.peer.closed();
    all.push(connection.close());
    for (const one of await Promise.all(all)) expect(one).toBe(closures[0]);
    expect(wire.sent).toHaveLength(1);
  });

  it('crosses with the peer’s: ours counts', () => {
    const { connection, wire, closures } = open();
    void connection.close(4_001);
    wire.feed(frame(close, closing(4_002)));
    wire.peer.closed();
    expect(closures).toEqual([{ code: 4_001, reason: '', clean: true, by: 'us' }]);
  });

  it('is spoiled by a violation', () => {
    const { connection, wire, closures } = open();
    void connection.close(4_001);
    wire.feed(frame(3));
    expect(wire.sent).toHaveLength(1);
    wire.peer.closed();
    expect(closures).toMatchObject([{ code: 1002, clean: false, by: 'us' }]);
    expect(closures[0]?.cause).toBeInstanceOf(ProtocolError);
  });

  it('T-CLOSE-TMO: is given up when the peer never answers', async () => {
    const { connection, wire, closures, wake } = open({ settings: { closeTimeout: 100 } });
    const closed = connection.close();
    wake(99);
    expect(wire.destroyed).toBe(false);
    wake(1);
    expect(wire.destroyed).toBe(true);
    expect(await closed).toMatchObject({ code: 1006, reason: '', clean: false, by: 'us' });
    expect(closures[0]?.cause).toBeInstanceOf(TimeoutError);
    expect(closures[0]?.cause).toMatchObject({ which: 'closeTimeout', ms: 100 });
    wire.peer.closed();
    wire.peer.closed(new Error('again'));
    expect(closures).toHaveLength(1);
  });

  it('T-CLOSE-TMO: is complete when only the transport’s end does not come', () => {
    for (const role of [server, client]) {
      const { wire, closures, wake } = open({ role, settings: { closeTimeout: 100 } });
      wire.feed(frame(close, closing(1000), role === client ? plain : {}));
      wake(100);
      expect(wire.destroyed).toBe(true);
      expect(closures).toEqual([{ code: 1000, reason: '', clean: true, by: 'peer' }]);
    }
  });

  it('counts anew from each step', () => {
    const { connection, wire, closures, wake, armed } = open({ settings: { closeTimeout: 100 } });
    wake(500);
    void connection.close();
    expect(armed.at).toBe(1_600);
    wake(80);
    wire.feed(frame(close));
    expect(armed.at).toBe(1_680);
    wake(80);
    expect(closures).toHaveLength(0);
    wake(20);
    expect(closures).toHaveLength(1);
  });

  it('waits as long as the peer takes what was sent before', async () => {
    const { connection, wire, wake, closures } = open({
      settings: { closeTimeout: 100, writeBufferSize: 10, maxWriteBufferSize: 50 },
    });
    wire.congested = true;
    void connection.send('a'.repeat(40));
    void connection.send('b'.repeat(40));
    void connection.close();
    await turn();
    wake(80);
    wire.takeAll();
    wake(80);
    expect(closures).toHaveLength(0);
    wire.relieve();
    expect(wire.sent.map((sent) => sent.opcode)).toEqual([text, text, close]);
    wake(100);
    expect(closures).toHaveLength(1);
  });
});

describe('failing', () => {
  it('happens once: what ended the connection stays what it was', () => {
    const { protocol, wire, closures } = open();
    protocol.fail('textUtf8');
    protocol.fail('reservedBits');
    protocol.failWith(1011, 'later', new Error('later'));
    wire.peer.closed();
    protocol.fail('reservedBits');
    expect(wire.sent).toMatchObject([{ opcode: close }]);
    expect(closures).toMatchObject([
      { code: 1007, by: 'us', clean: false, cause: { violation: 'textUtf8' } },
    ]);
  });
});

describe('the end of the transport', () => {
  it('T-FIN: without a Close is abnormal', async () => {
    const { connection, wire, closures } = open();
    wire.feed(frame(text, 'whole'), frame(text, 'half', { fin: false }));
    wire.peer.ended();
    expect(connection.state).toBe('draining');
    expect(wire.ended).toBe(true);
    expect(taken(connection)).toEqual(['whole', null]);
    wire.peer.closed();
    expect(closures).toEqual([{ code: 1006, reason: '', clean: false, by: 'transport' }]);
  });

  it('T-RST: at every byte of a frame, reading or writing', () => {
    const bytes = frame(text, 'x'.repeat(200));
    for (let at = 0; at <= bytes.length; at += 1) {
      const { connection, wire, closures } = open();
      wire.congested = at % 2 === 0;
      void connection.send('y');
      wire.feed(bytes.subarray(0, at));
      const reset = new Error('ECONNRESET');
      wire.peer.closed(reset);
      wire.peer.closed();
      expect(closures).toEqual([{ code: 1006, reason: '', clean: false, by: 'transport', cause: reset }]);
      expect(connection.state).toBe('closed');
      expect(taken(connection)).toEqual(at === bytes.length ? ['x'.repeat(200), null] : [null]);
    }
  });

  it('in the middle of our closing is the transport’s doing', () => {
    for (const end of ['ended', 'closed'] as const) {
      const { connection, wire, closures } = open();
      void connection.close();
      if (end === 'ended') wire.peer.ended();
      wire.peer.closed(new Error('reset'));
      expect(closures).toMatchObject([
        { code: 1006, clean: false, by: 'transport', cause: { message: 'reset' } },
      ]);
    }
  });

  it('after both Close frames changes nothing any more', () => {
    const { wire, closures } = open();
    wire.feed(frame(close, closing(1000)));
    wire.peer.closed(new Error('reset'));
    expect(closures).toEqual([{ code: 1000, reason: '', clean: true, by: 'peer' }]);
  });

  it('after a violation is told with the violation', () => {
    const { wire, closures } = open();
    wire.feed(frame(3));
    wire.peer.closed(new Error('reset'));
    expect(closures[0]).toMatchObject({ code: 1002, by: 'us', clean: false });
    expect(closures[0]?.cause).toBeInstanceOf(ProtocolError);
  });
});

describe('terminate', () => {
  it('drops everything at once', async () => {
    const { connection, wire, closures } = open();
    wire.feed(frame(text, 'not taken'));
    void connection.send('not written');
    const waiting = connection.send(
      (async function* () {
        await new Promise(() => {});
      })(),
    );
    connection.terminate();
    expect(wire.destroyed).toBe(true);
    expect(closures).toEqual([{ code: 1006, reason: '', clean: false, by: 'us' }]);
    expect(await connection.recv()).toBeNull();
    expect(await standing(waiting)).toBeInstanceOf(ClosedError);
    connection.terminate();
    wire.peer.closed();
    expect(closures).toHaveLength(1);
  });

  it('is ours in the middle of a closing too', () => {
    const { connection, closures } = open();
    void connection.close();
    connection.terminate();
    expect(closures).toMatchObject([{ code: 1006, by: 'us', clean: false }]);
  });

  it('does not spoil a closing handshake that is complete', () => {
    const { connection, wire, closures } = open();
    wire.feed(frame(close, closing(1000)));
    connection.terminate();
    expect(closures).toMatchObject([{ code: 1000, by: 'peer', clean: true }]);
  });

  it('in a message handler ends the messages, also those in the same chunk', async () => {
    const { connection, wire } = open();
    const seen: (string | Uint8Array)[] = [];
    const handler = (async () => {
      for await (const message of connection) {
        seen.push(message);
        connection.terminate();
      }
    })();
    await turn();
    wire.feed(
      Buffer.concat([frame(text, 'one'), frame(text, 'two'), frame(text, 'three')]),
      frame(text, 'four'),
    );
    await handler;
    wire.feed(frame(text, 'five'));
    wire.peer.closed();
    expect(seen).toEqual(['one']);
    expect(connection.tryRecv()).toBeNull();
  });

  it('lets a paused transport go', () => {
    const { connection, wire } = open();
    wire.feed(frame(text, 'x'.repeat(70_000)), frame(text, 'waits'));
    expect(wire.paused).toBe(true);
    connection.terminate();
    expect(wire.paused).toBe(false);
  });
});

describe('exactly one closure', () => {
  it('in every order of ends', async () => {
    const steps = {
      close: ({ connection }: Opened) => void connection.close(4_000),
      terminate: ({ connection }: Opened) => connection.terminate(),
      theirClose: ({ wire }: Opened) => wire.feed(frame(close, closing(4_001))),
      violation: ({ wire }: Opened) => wire.feed(frame(3)),
      message: ({ wire }: Opened) => wire.feed(frame(text, 'x'), frame(ping)),
      send: ({ connection }: Opened) => void connection.send('x'),
      ended: ({ wire }: Opened) => wire.peer.ended(),
      closed: ({ wire }: Opened) => wire.peer.closed(),
      reset: ({ wire }: Opened) => wire.peer.closed(new Error('reset')),
      drained: ({ wire }: Opened) => wire.relieve(),
      congest: ({ wire }: Opened) => {
        wire.congested = true;
      },
      time: ({ wake }: Opened) => wake(400),
      answer: ({ session }: Opened & { session: LateSession }) => session.answerInbound(),
      marked: ({ wire }: Opened) => wire.feed(frame(opcode.binary, 'x', { rsv: 0x40 })),
    };
    const names = Object.keys(steps) as (keyof typeof steps)[];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { maxLength: 12 }), async (order) => {
        const session = new LateSession();
        const opened = {
          ...open({
            session,
            settings: { closeTimeout: 1_000, pingInterval: 500, pingTimeout: 300, sessionTimeout: 3_000 },
          }),
          session,
        };
        const { connection, closures, wire } = opened;
        const { closed } = connection;
        const pinged = connection.ping();
        for (const name of order) {
          steps[name](opened);
          expect(closures.length).toBeLessThanOrEqual(1);
          expect(closesSent(opened)).toBeLessThanOrEqual(1);
        }
        wire.peer.ended();
        session.answerInbound();
        wire.peer.closed();
        while (session.inbounds.length > 0) session.answerInbound();
        expect(closures).toHaveLength(1);
        const [closure] = closures;
        expect(await closed).toBe(closure);
        expect(session.disposals).toBe(1);
        expect(connection.state).toBe('closed');
        expect([1002, 1006, 4_000, 4_001]).toContain(closure?.code);
        expect(closure?.clean).toBe(
          closure?.clean === true && (closure.code === 4_000 || closure.code === 4_001),
        );
        expect(await standing(pinged)).toBeInstanceOf(ClosedError);
        expect(taken(connection).at(-1)).toBeNull();
        expect(Object.isFrozen(closure)).toBe(true);
        expect(opened.protocol.deadline()).toBe(Infinity);
        expect(connection.bufferedAmount).toBe(wire.bufferedAmount);
      }),
      { seed: 20261125, numRuns: 600 },
    );
  });
});

describe('time', () => {
  const keepalive = { pingInterval: 100, pingTimeout: 70 } as const;

  it('pings a silent peer, and gives it up after pingTimeout', async () => {
    const opened = open({ settings: keepalive });
    const { connection, wire, closures, wake, armed } = opened;
    expect(armed.at).toBe(1_100);
    wake(99);
    await turn();
    expect(wire.writes).toHaveLength(0);
    wake(1);
    await turn();
    expect(wire.sent.map((sent) => [sent.opcode, sent.payload.length])).toEqual([[ping, 4]]);
    expect(armed.at).toBe(1_170);
    wake(70);
    expect(wire.destroyed).toBe(true);
    expect(closures).toMatchObject([
      { code: 1006, clean: false, by: 'us', cause: { which: 'pingTimeout', ms: 70 } },
    ]);
    expect(connection.state).toBe('closed');
    wake(1_000);
    await turn();
    expect(wire.writes).toHaveLength(1);
  });

  it('takes any byte for life, and the answer for the round trip', async () => {
    const { connection, wire, closures, wake, time } = open({ settings: keepalive });
    wake(100);
    await turn();
    time.now += 60;
    wire.feed(frame(text, 'x').subarray(0, 1));
    wake(10);
    expect(closures).toHaveLength(0);
    wake(90);
    await turn();
    const [first, second] = wire.sent;
    expect(second?.opcode).toBe(ping);
    expect(second?.payload).not.toEqual(first?.payload);
    wire.feed(frame(text, 'x').subarray(1));
    time.now += 5;
    wire.feed(frame(pong, second?.payload ?? ''));
    expect(connection.latency).toBe(5);
  });

  it('asks to be woken for the next ping when the answer comes before a long timeout', () => {
    const { wire, wake, armed } = open({ settings: { pingInterval: 100, pingTimeout: 10_000 } });
    wake(100);
    expect(armed.at).toBe(11_100);
    wire.feed(frame(pong));
    expect(armed.at).toBe(1_200);
  });

  it('pings while it does not read, but does not count silence that is its own', async () => {
    const { connection, wire, closures, wake, time } = open({ settings: { ...keepalive, idleTimeout: 180 } });
    wire.feed(frame(text, 'x'.repeat(70_000)), frame(text, 'waits'));
    for (let index = 0; index < 10; index += 1) wake(100);
    expect(closures).toHaveLength(0);
    expect(connection.state).toBe('open');
    time.now += 65;
    connection.tryRecv();
    wake(60);
    expect(connection.state).toBe('open');
    await turn();
    const before = wire.sent.length;
    wake(40);
    await turn();
    expect(wire.sent).toHaveLength(before + 1);
    expect(wire.sent.every((sent) => sent.opcode === ping)).toBe(true);
    wake(70);
    expect(closures).toMatchObject([{ cause: { which: 'pingTimeout' } }]);
  });

  it('delivers what waits before it gives the peer up', () => {
    const { connection, wire, closures, wake } = open({ settings: { closeTimeout: 50 } });
    wire.feed(Buffer.concat([frame(text, 'x'.repeat(70_000)), frame(text, 'waits')]));
    void connection.close();
    wake(50);
    expect(closures).toHaveLength(1);
    expect(taken(connection)).toHaveLength(2);
  });

  it('idleTimeout: closes with 1001 when no message goes either way', async () => {
    const { connection, wire, closures, wake } = open({ settings: { idleTimeout: 100 } });
    wake(90);
    wire.feed(frame(text, 'x'));
    wake(90);
    void connection.send('y');
    wake(90);
    wire.feed(frame(ping), frame(pong));
    expect(connection.state).toBe('open');
    wake(10);
    expect(connection.state).toBe('closeSent');
    expect(wire.sent.at(-1)?.payload).toEqual(closing(1001, 'idle'));
    wire.feed(frame(close, closing(1001)));
    wire.peer.closed();
    expect(closures).toMatchObject([
      { code: 1001, reason: 'idle', clean: true, by: 'us', cause: { which: 'idleTimeout' } },
    ]);
  });

  it('sessionTimeout: closes with 4000 "timeout", whatever happens', () => {
    const { connection, wire, closures, wake } = open({
      settings: { sessionTimeout: 1_000, closeTimeout: 50 },
    });
    for (let index = 0; index < 9; index += 1) {
      wake(100);
      wire.feed(frame(text, 'x'));
    }
    expect(connection.state).toBe('open');
    wake(100);
    expect(wire.sent.at(-1)?.payload).toEqual(closing(4_000, 'timeout'));
    wake(50);
    expect(closures).toMatchObject([
      { code: 1006, clean: false, by: 'us', cause: { which: 'sessionTimeout', ms: 1_000 } },
    ]);
  });

  it('does nothing before its time, or after the end', () => {
    const { connection, protocol, closures } = open({ settings: keepalive });
    protocol.tick(0);
    connection.terminate();
    protocol.tick(1e9);
    expect(closures).toHaveLength(1);
  });
});

describe('what an operation that comes too late is told', () => {
  it('is the closure as far as it is known', async () => {
    const { connection, wire, protocol, closures } = open();
    expect(protocol.closureSoFar()).toEqual({ code: 1006, reason: '', clean: false, by: 'transport' });
    wire.feed(frame(close, closing(1001, 'moving')));
    const early = await standing(connection.send('x'));
    expect(early).toMatchObject({ closure: { code: 1001, reason: 'moving', by: 'peer' } });
    wire.peer.closed();
    const late = await standing(connection.send('x'));
    const closure: Closure | undefined = closures[0];
    expect(late).toMatchObject({ closure });
  });
});
