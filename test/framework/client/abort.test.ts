import { getEventListeners } from 'node:events';
import { type Connection, connect, listen, reconnecting } from 'framewright';
import { describe, expect, it } from 'vitest';
import { onAbort } from '../../../src/framework/client/abort.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('onAbort', () => {
  it('acts once for each that waits, with one listener for all', () => {
    const controller = new AbortController();
    const acted: string[] = [];
    const act = (): void => void acted.push('twice the same');
    onAbort(controller.signal, act);
    onAbort(controller.signal, act);
    const forget = onAbort(controller.signal, () => acted.push('forgotten'));
    onAbort(controller.signal, () => acted.push('last'));
    expect(listeners(controller.signal)).toBe(1);
    forget();
    forget();
    controller.abort();
    expect(acted).toEqual(['twice the same', 'twice the same', 'last']);
    expect(listeners(controller.signal)).toBe(0);
  });

  it('leaves nothing behind when nobody waits any more, and can begin anew', () => {
    const controller = new AbortController();
    const forgets = [1, 2, 3].map(() => onAbort(controller.signal, () => {}));
    for (const forget of forgets) forget();
    expect(listeners(controller.signal)).toBe(0);
    let acted = 0;
    onAbort(controller.signal, () => {
      acted += 1;
    });
    for (const forget of forgets) forget();
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    expect(acted).toBe(1);
  });

  it('acts at once when it is too late to wait, and never without a signal', () => {
    let acted = 0;
    onAbort(AbortSignal.abort(), () => {
      acted += 1;
    });
    onAbort(undefined, () => {
      acted += 1;
    })();
    expect(acted).toBe(1);
  });
});

describe('a signal that many share', () => {
  it('has at most one listener, and warns of no leak', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    const server = await listen('localhost:0', (context) =>
      context.upgrade(async (connection) => void (await connection.closed)),
    );
    const controller = new AbortController();
    const { signal } = controller;
    const opened = await Promise.all(Array.from({ length: 30 }, () => connect(server.url, { signal })));
    expect(listeners(signal)).toBe(0);
    const kept: Connection[] = [];
    const lives = Array.from({ length: 30 }, async () => {
      for await (const connection of reconnecting(server.url, { signal })) {
        kept.push(connection);
        await connection.closed;
      }
    });
    while (kept.length < 30) await new Promise((go) => setTimeout(go, 5));
    expect(listeners(signal)).toBe(1);
    controller.abort();
    await Promise.all(lives);
    expect(new Set(kept.map(({ state }) => state))).toEqual(new Set(['closed']));
    expect(opened.every(({ state }) => state === 'open')).toBe(true);
    for (const connection of opened) connection.terminate();
    await server.close({ timeout: 100 });
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });
});
