import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/connection/connection.ts';
import { Environment } from '../../src/connection/environment.ts';
import { ClosedError } from '../../src/connection/errors.ts';
import type { Life } from '../../src/connection/life.ts';
import { handDriven, nobody, noFacts, server, settings, standing, Wire } from './wire.ts';

function life(): { life: Life; wire: Wire } {
  const wire = new Wire();
  const { runtime } = handDriven();
  const environment = new Environment(runtime, server, settings, nobody);
  const made = Connection.lifeOf(new Connection(wire, environment, noFacts));
  made.start();
  return { life: made, wire };
}

describe('life', () => {
  it('tells its end to whoever asks before', async () => {
    const { life: one, wire } = life();
    const { untilClosed: closed, signal } = one;
    expect(one.untilClosed).toBe(closed);
    expect(one.signal).toBe(signal);
    expect(signal.aborted).toBe(false);
    expect(await standing(closed)).toBe('pending');
    let aborts = 0;
    signal.addEventListener('abort', () => {
      aborts += 1;
    });
    wire.peer.closed();
    expect(await closed).toBe(one.closure);
    expect(aborts).toBe(1);
    expect(signal.reason).toBeInstanceOf(ClosedError);
    expect(signal.reason).toMatchObject({ closure: one.closure });
  });

  it('tells its end to whoever asks after', async () => {
    const { life: one, wire } = life();
    wire.peer.closed();
    expect(await one.untilClosed).toBe(one.closure);
    expect(one.signal.aborted).toBe(true);
    expect(one.signal.reason).toMatchObject({ code: 'ERR_WS_CLOSED' });
  });

  it('needs nobody to ask', () => {
    const { life: one, wire } = life();
    wire.peer.closed();
    expect(one.closure?.code).toBe(1006);
  });
});
