/** Events in an order that the real runtime does not show on demand; the rest is proven on it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClosedError, TimeoutError } from '../../../src/connection/errors.ts';
import { createLife } from '../../../src/platform/workers/life.ts';
import { FakeServedSocket } from './support/fake-served.ts';

function setUp(closeTimeout = 100) {
  const socket = new FakeServedSocket();
  let ends = 0;
  const life = createLife(socket, closeTimeout, () => {
    ends += 1;
  });
  return { socket, life, ends: () => ends };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const byPeer = { code: 4001, reason: 'bye', clean: true, by: 'peer' };

describe('a life', () => {
  it('ends with the first that is reported, and only once', async () => {
    const { socket, life, ends } = setUp();
    socket.emit('close', { code: 4001, reason: 'bye', wasClean: true });
    socket.emit('error', { message: 'Network connection lost.' });
    socket.emit('close', { code: 1006, reason: '', wasClean: false });
    expect(await life.closed).toEqual(byPeer);
    expect([life.state(), ends(), life.closedError().closure]).toEqual(['closed', 1, byPeer]);
    expect(life.signal.reason).toBeInstanceOf(ClosedError);
  });

  it('does not blame us for an error after our Close', async () => {
    const { socket, life } = setUp();
    life.close(4000, 'enough');
    socket.emit('error', { message: 'WebSocket protocol error; protocolError.statusCode = 1002' });
    expect(await life.closed).toMatchObject({ code: 1006, clean: false, by: 'transport' });
  });

  it('knows its end from the first Close on, but not yet whether it is clean', async () => {
    const { socket, life } = setUp();
    life.close(4000, 'enough');
    life.close(4002, 'more');
    expect(socket.closed).toEqual([4000, 'enough']);
    expect(life.closedError().closure).toEqual({ code: 4000, reason: 'enough', clean: false, by: 'us' });
    socket.emit('close', { code: 4000, reason: '', wasClean: true });
    expect(await life.closed).toEqual({ code: 4000, reason: 'enough', clean: true, by: 'us' });
    expect(life.closedError().closure.clean).toBe(true);
  });

  it('does not wait for ever for the peer’s Close, and leaves no timer behind', async () => {
    const { life } = setUp(100);
    life.close(1000, '');
    await vi.advanceTimersByTimeAsync(99);
    expect(life.state()).toBe('closeSent');
    await vi.advanceTimersByTimeAsync(1);
    expect(await life.closed).toMatchObject({ code: 1006, cause: new TimeoutError('closeTimeout', 100) });
    const { socket, life: answered } = setUp(100);
    answered.close(1000, '');
    socket.emit('close', { code: 1000, reason: '', wasClean: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits without limit when told so', async () => {
    const { life } = setUp(Number.POSITIVE_INFINITY);
    life.close(1000, '');
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(life.state()).toBe('closeSent');
  });
});
