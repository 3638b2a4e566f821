import { describe, expect, it } from 'vitest';
import { ClosedError, ManagementApiError, StateError } from '../../../src/platform/lambda/errors.ts';
import type { ManagementApi } from '../../../src/platform/lambda/index.ts';
import { readOptions } from '../../../src/platform/lambda/options.ts';
import { InvocationPeers } from '../../../src/platform/lambda/peers.ts';
import { httpError, MemoryApi } from './invocation.ts';

const settings = readOptions({ sleep: async () => {} });
const peersOver = (api: ManagementApi) =>
  new InvocationPeers({ api: async () => api, remaining: () => 30_000 }, settings);

describe('calls to one connection', () => {
  it('reach the API in the order they were made, without being awaited', async () => {
    const api = new MemoryApi(httpError(429));
    const peer = peersOver(api).to('a');
    const calls = [peer.send('1'), peer.send('2'), peer.info(), peer.send('3'), peer.close()];
    await Promise.all(calls);
    expect(api.calls).toEqual(['post a 1', 'post a 1', 'post a 2', 'get a', 'post a 3', 'delete a']);
  });

  it('do not stop each other by a failure', async () => {
    const api = new MemoryApi(httpError(403));
    const peer = peersOver(api).to('a');
    const first = peer.send('1');
    const second = peer.send('2');
    await expect(first).rejects.toBeInstanceOf(ManagementApiError);
    await second;
    expect(api.calls).toEqual(['post a 1', 'post a 2']);
  });

  it('share what is known, whoever asked for the connection', async () => {
    const peers = peersOver(new MemoryApi(httpError(410)));
    await expect(peers.to('a').send('1')).rejects.toBeInstanceOf(ClosedError);
    expect(peers.to('a')).toBe(peers.to('a'));
    expect(peers.to('a').closure).toMatchObject({ code: 1006 });
    expect(peers.to('b').closure).toBeUndefined();
  });
});

describe('calls to different connections', () => {
  it('do not wait for each other', async () => {
    let release = () => {};
    const api = new MemoryApi();
    const blocked: ManagementApi = {
      post: (id, data) =>
        id === 'slow'
          ? new Promise((resolve) => {
              release = resolve;
            })
          : api.post(id, data),
      delete: (id) => api.delete(id),
      get: (id) => api.get(id),
    };
    const peers = peersOver(blocked);
    const slow = peers.to('slow').send('1');
    await peers.to('fast').send('2');
    expect(api.calls).toEqual(['post fast 2']);
    release();
    await slow;
  });
});

describe('a connection that is gone', () => {
  it('is asked for once; later calls fail at once with the same closure', async () => {
    const api = new MemoryApi(httpError(410));
    const peer = peersOver(api).to('a');
    const failures = await Promise.allSettled([peer.send('1'), peer.send('2'), peer.info()]);
    const later = await Promise.allSettled([peer.send('3'), peer.info()]);
    const closures = [...failures, ...later].map((one) => one.status === 'rejected' && one.reason.closure);
    expect(new Set(closures)).toEqual(new Set([peer.closure]));
    expect(api.calls).toEqual(['post a 1']);
  });

  it('needs no closing', async () => {
    const api = new MemoryApi(httpError(410));
    const peer = peersOver(api).to('a');
    const closures = [await peer.close(), await peer.close()];
    expect(closures).toEqual([peer.closure, peer.closure]);
    expect(peer.closure).toMatchObject({ code: 1006, by: 'transport' });
    expect(api.calls).toEqual(['delete a']);
  });

  it('was closed by us after close()', async () => {
    const api = new MemoryApi();
    const peer = peersOver(api).to('a');
    expect(await peer.close()).toEqual({ code: 1000, reason: '', clean: true, by: 'us' });
    expect(peer.closure).toEqual(await peer.close());
    await expect(peer.send('1')).rejects.toBeInstanceOf(ClosedError);
    expect(api.calls).toEqual(['delete a']);
  });

  it('is still open when closing failed', async () => {
    const api = new MemoryApi(httpError(403));
    const peer = peersOver(api).to('a');
    await expect(peer.close()).rejects.toMatchObject({ reason: 'forbidden', operation: 'delete' });
    expect(peer.closure).toBeUndefined();
    await peer.send('1');
  });
});

describe('a refused connection', () => {
  it('asks nothing of the API', async () => {
    const api = new MemoryApi();
    const peers = peersOver(api);
    peers.refuse('a', new StateError('not yet'));
    for (const call of [peers.to('a').send('1'), peers.to('a').close(), peers.to('a').info()]) {
      await expect(call).rejects.toThrow('not yet');
    }
    expect(api.calls).toEqual([]);
  });
});

describe('a message that cannot arrive', () => {
  it('is refused before anything is sent, as a rejection', async () => {
    const api = new MemoryApi();
    const peer = peersOver(api).to('a');
    await expect(peer.send('x'.repeat(131_073))).rejects.toMatchObject({ limit: 'maxMessageSize' });
    await expect(peer.send(Uint8Array.of(1))).rejects.toThrow(/base64/);
    expect(api.calls).toEqual([]);
  });
});

it('takes no empty connection id', () => {
  expect(() => peersOver(new MemoryApi()).to('')).toThrow(TypeError);
});

describe('settle', () => {
  it('waits for calls that begin while it waits, and tells failures but not ends', async () => {
    const api = new MemoryApi(undefined, httpError(403), httpError(410));
    const peers = peersOver(api);
    void peers
      .to('a')
      .send('1')
      .then(() => [peers.to('b').send('2'), peers.to('c').send('3')]);
    const failures = await peers.settle();
    expect(api.calls).toEqual(['post a 1', 'post b 2', 'post c 3']);
    expect(failures).toEqual([expect.objectContaining({ reason: 'forbidden', connectionId: 'b' })]);
  });
});
