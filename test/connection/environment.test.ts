import { describe, expect, it } from 'vitest';
import { Environment } from '../../src/connection/environment.ts';
import type { Outbox } from '../../src/connection/outbox.ts';
import { runtime } from '../../src/framework/runtime.ts';
import { client, framesOf, nobody, server, settings, Wire } from './wire.ts';

describe('an environment', () => {
  it('lends outboxes, of its role, again and again', () => {
    const environment = new Environment(runtime, client, settings, nobody);
    const first = environment.takeOutbox();
    const second = environment.takeOutbox();
    expect(second).not.toBe(first);
    first.text(0x81, 'hello');
    const wire = new Wire();
    first.flush(wire);
    expect(framesOf(Buffer.concat(wire.writes))).toMatchObject([{ opcode: 1, masked: true }]);
    environment.returnOutbox(first);
    expect(environment.takeOutbox()).toBe(first);
    expect(first.size).toBe(0);
  });

  it('keeps outboxes for a broadcast, and no more', () => {
    const environment = new Environment(runtime, server, settings, nobody);
    const take = (): Outbox[] => Array.from({ length: 3_000 }, () => environment.takeOutbox());
    const first = take();
    for (const outbox of first) environment.returnOutbox(outbox);
    const known = new Set(first);
    const again = take().filter((outbox) => known.has(outbox)).length;
    expect(again).toBeGreaterThanOrEqual(1_000);
    expect(again).toBeLessThan(2_000);
  });

  it('has one store of decoders for each set of reserved bits', () => {
    const environment = new Environment(runtime, server, settings, nobody);
    expect(environment.decoders(0)).toBe(environment.decoders(0));
    expect(environment.decoders(0x40)).not.toBe(environment.decoders(0));
  });
});
