/**
 * What handlers on Lambda cannot do that those of a live socket can, each with its proof.
 *
 * Three causes: API Gateway carries text of at most 128 KiB and closes with 1000 only; a function lives for one
 * event; and the connection is API Gateway's, so it outlives the function.
 */
import { expect } from 'vitest';
import { LambdaWebSocket } from '../../../src/platform/lambda/index.ts';
import type { ContractGap, ContractGaps } from '../contract.ts';

const textOnly: ContractGap = {
  reason: 'API Gateway closes with 1003 on a binary message',
  async prove({ open }) {
    const remote = await open('echo');
    remote.send(new Uint8Array([1]));
    expect(await remote.ended).toMatchObject({ code: 1003 });
  },
};

const noReceiving: ContractGap = {
  reason: 'a message comes as the call of the function: there is no recv, tryRecv, iteration or split',
  async prove() {
    for (const name of ['recv', 'tryRecv', 'split', Symbol.asyncIterator])
      expect(name in LambdaWebSocket.prototype).toBe(false);
  },
};

const noState: ContractGap = {
  reason:
    'nothing waits for the end: it is the call of the function with DISCONNECT, so there is no state or signal',
  async prove() {
    for (const name of ['state', 'signal', 'closed']) expect(name in LambdaWebSocket.prototype).toBe(false);
  },
};

const onlyCode1000: ContractGap = {
  reason: 'the management API takes neither code nor reason, so close has no parameters',
  async prove({ open }) {
    expect(LambdaWebSocket.prototype.close).toHaveLength(0);
    const remote = await open('closesPlainly');
    remote.send('go');
    expect(await remote.ended).toEqual({ code: 1000, reason: '' });
  },
};

export const lambdaGaps: ContractGaps = {
  'echoes bytes': textOnly,
  'gives text as strings and binary as Uint8Array': textOnly,
  'carries 1 MiB both ways': {
    reason: 'API Gateway closes with 1009 on a frame of more than 32 KiB, and has 128 KiB for a message',
    async prove({ open }) {
      const remote = await open('echo');
      remote.send('x'.repeat(1 << 20));
      expect(await remote.ended).toMatchObject({ code: 1009 });
    },
  },
  'keeps messages that come before the handler receives': noReceiving,
  'drains a burst with tryRecv': noReceiving,
  'splits into halves over one state, and spends the whole': noReceiving,
  'answers a message before the Close that came right behind it': {
    reason: 'the connection is gone before the function can answer, which is no failure of it',
    async prove({ open }) {
      const remote = await open('echo');
      remote.send('last words');
      remote.close(1000);
      await expect(remote.next()).rejects.toThrow('ended with 1000');
    },
  },
  'tells the handler the chosen subprotocol': {
    reason: 'only the CONNECT event has the header; what later events need is kept by the application',
    async prove() {
      expect('subprotocol' in LambdaWebSocket.prototype).toBe(false);
    },
  },
  'closes with a code and a reason, once': onlyCode1000,
  'refuses close codes and reasons that may not travel, and stays open': onlyCode1000,
  'ends what the handler waits for when the peer closes': noState,
  'ends what the handler waits for when the transport is dropped': noState,
  'closes with 1000 when the handler returns': {
    reason: 'a function returns after every message; the connection stays open',
    async prove({ open }) {
      const remote = await open('echo');
      for (const message of ['first', 'second']) {
        remote.send(message);
        expect(await remote.next()).toBe(message);
      }
      remote.close();
      expect(await remote.ended).toMatchObject({ code: 1005 });
    },
  },
  'closes with 1011 when the handler throws': {
    reason: 'a failed call is told to onError or to Lambda; the connection stays open',
    async prove({ open, errors }) {
      const remote = await open('throws');
      for (const message of ['first', 'second']) {
        remote.send(message);
        expect(await errors()).toEqual(['boom']);
      }
      remote.close();
      expect(await remote.ended).toMatchObject({ code: 1005 });
    },
  },
};
