import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallSettings, call, pauseAfter } from '../../../src/platform/lambda/calls.ts';
import { ClosedError, ManagementApiError } from '../../../src/platform/lambda/errors.ts';
import { httpError, MemoryApi } from './invocation.ts';

const timings = { attempts: 4, retryDelay: 100, maxRetryDelay: 250, requestTimeout: 5_000 };

/** Calls with everything that waits or draws replaced; `pauses` are the sleeps that were asked for. */
function callWith(plan: (Error | undefined)[], settings: Partial<CallSettings> = {}, time = 30_000) {
  const pauses: number[] = [];
  const api = new MemoryApi(...plan);
  let remaining = time;
  const sleep = async (milliseconds: number) => {
    pauses.push(milliseconds);
    remaining -= milliseconds;
  };
  const result = call(
    'post',
    'id',
    { api: async () => api, remaining: () => remaining },
    { ...timings, sleep, random: () => 0.5, ...settings },
    (port, signal) => port.post('id', Buffer.from('x'), signal),
  );
  return { result, pauses, api };
}

describe('a call', () => {
  it('that succeeds is made once', async () => {
    const { result, pauses, api } = callWith([]);
    await result;
    expect([api.calls.length, pauses]).toEqual([1, []]);
  });

  it('is repeated after 429, 5xx and a lost connection, with growing pauses up to the cap', async () => {
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    const { result, pauses, api } = callWith([httpError(429), httpError(503), reset]);
    await result;
    expect(api.calls).toHaveLength(4);
    expect(pauses).toEqual([50, 100, 125]);
  });

  it('gives up after the attempts, with the last error as cause', async () => {
    const { result, api } = callWith([httpError(429), httpError(429), httpError(429), httpError(503)]);
    const error = await result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ManagementApiError);
    expect(error).toMatchObject({ reason: 'unavailable', status: 503, attempts: 4, operation: 'post' });
    expect(error).toMatchObject({ cause: { $metadata: { httpStatusCode: 503 } } });
    expect(api.calls).toHaveLength(4);
  });

  it.each([
    [400, 'request'],
    [403, 'forbidden'],
    [413, 'payloadTooLarge'],
  ])('that is answered with %i is not repeated', async (status, reason) => {
    const { result, api } = callWith([httpError(status)]);
    await expect(result).rejects.toMatchObject({ reason, status, attempts: 1 });
    expect(api.calls).toHaveLength(1);
  });

  it('that is answered with 410 tells that the connection is closed', async () => {
    const gone = httpError(410);
    const error = await callWith([gone]).result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClosedError);
    expect(error).toMatchObject({ closure: { code: 1006, clean: false, by: 'transport', cause: gone } });
  });

  it('is not repeated when the pause would outlast the invocation', async () => {
    const { result, pauses } = callWith([httpError(429), httpError(429)], {}, 330);
    await expect(result).rejects.toMatchObject({ reason: 'throttled', attempts: 2 });
    expect(pauses).toEqual([50]);
  });

  it('is given up when an attempt takes too long', async () => {
    const settings = {
      ...timings,
      attempts: 2,
      requestTimeout: 20,
      sleep: async () => {},
      random: Math.random,
    };
    const target = { api: async () => new MemoryApi(), remaining: () => 30_000 };
    const hangs = (_: unknown, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await expect(call('get', 'id', target, settings, hangs)).rejects.toMatchObject({
      reason: 'network',
      attempts: 2,
    });
  });
});

describe('an attempt', () => {
  it('never takes longer than the invocation has left', async () => {
    const settings = { ...timings, requestTimeout: 600_000, sleep: async () => {}, random: Math.random };
    const target = { api: async () => new MemoryApi(), remaining: () => 230 };
    const hangs = (_: unknown, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await expect(call('post', 'id', target, settings, hangs)).rejects.toMatchObject({ reason: 'network' });
  });
});

describe('a pause', () => {
  it('is anything from 0 to its bound, which never exceeds the cap', () => {
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const property = fc.property(fc.integer({ min: 1, max: 2_000 }), unit, (attempt, random) => {
      const pause = pauseAfter(attempt, { ...timings, sleep: async () => {}, random: () => random });
      expect(pause).toBeGreaterThanOrEqual(0);
      expect(pause).toBeLessThanOrEqual(Math.min(250, 100 * 2 ** (attempt - 1)));
    });
    fc.assert(property, { seed: 20261125, numRuns: 300 });
  });
});
