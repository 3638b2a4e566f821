/**
 * What every platform's `Peer` must do, seen from the other end of a real connection.
 *
 * The rule of this file: one case, one behaviour, the same for all. A platform that cannot do something declares it as
 * a gap: data with the reason and a proof, which shows what happens there instead. A gap that names no case does not
 * compile, and one that has become a lie fails.
 */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ContractName } from './contract-handlers.ts';
import type { Remote } from './remote.ts';

export interface ContractHarness {
  /** Connects to an endpoint that runs this handler of `contract-handlers.ts` and speaks subprotocols `v2` and `v1`. */
  open(handler: ContractName, subprotocols?: string[]): Promise<Remote>;
  /** What the handler reported under `name`, once it has. */
  report(name: ContractName): Promise<unknown>;
  /** Messages of the errors that `onError` got since the last call; resolves when there is at least one. */
  errors(): Promise<string[]>;
}

type Case = (harness: ContractHarness) => Promise<void>;

const clean = (code: number, reason: string, by: string): unknown => ({ code, reason, clean: true, by });

const cases = {
  'echoes text': async ({ open }) => {
    const remote = await open('echo');
    for (const text of ['', 'hello', 'h\u00e9llo \u{1f600}', '\u0000']) {
      remote.send(text);
      expect(await remote.next()).toBe(text);
    }
    remote.close();
  },

  'echoes bytes': async ({ open }) => {
    const remote = await open('echo');
    for (const size of [0, 1, 125, 126, 65_535, 65_536]) {
      const bytes = new Uint8Array(randomBytes(size));
      remote.send(bytes);
      const echo = await remote.next();
      expect(echo instanceof Uint8Array && Buffer.compare(echo, bytes)).toBe(0);
    }
    remote.close();
  },

  'gives text as strings and binary as Uint8Array': async ({ open }) => {
    const remote = await open('kinds');
    remote.send('abc');
    remote.send(new Uint8Array(4));
    expect(await remote.next()).toBe('string 3');
    expect(await remote.next()).toBe('bytes 4');
    remote.close();
  },

  'carries 1 MiB both ways': async ({ open }) => {
    const remote = await open('echo');
    const bytes = new Uint8Array(randomBytes(1 << 20));
    remote.send(bytes);
    const echo = await remote.next();
    expect(echo instanceof Uint8Array && Buffer.compare(echo, bytes)).toBe(0);
    const text = 'x'.repeat(1 << 20);
    remote.send(text);
    expect((await remote.next()) === text).toBe(true);
    remote.close();
  },

  'keeps messages that come before the handler receives': async ({ open }) => {
    const remote = await open('sleeps');
    remote.send('early');
    expect(await remote.next()).toBe('first early');
  },

  'drains a burst with tryRecv': async ({ open }) => {
    const remote = await open('burst');
    expect(await remote.next()).toBe('ready');
    for (const text of ['a', 'b', 'c']) remote.send(text);
    expect(await remote.next()).toBe('["a","b","c"]');
    expect(await remote.next()).toBe('undefined');
    remote.close();
  },

  'sends in the order of the calls': async ({ open }) => {
    const remote = await open('pipelines');
    remote.send('go');
    for (let index = 0; index < 100; index += 1) expect(await remote.next()).toBe(String(index));
    remote.close();
  },

  'replaces a lone surrogate in text': async ({ open }) => {
    const remote = await open('loneSurrogate');
    remote.send('go');
    expect(await remote.next()).toBe('a\ufffdb');
    remote.close();
  },

  'refuses to send what is no message, and stays open': async ({ open }) => {
    const remote = await open('noMessages');
    remote.send('go');
    expect(JSON.parse(String(await remote.next()))).toEqual(Array(5).fill('TypeError'));
    remote.close();
  },

  'answers a message before the Close that came right behind it': async ({ open }) => {
    const remote = await open('echo');
    remote.send('last words');
    remote.close(1000);
    expect(await remote.next()).toBe('last words');
    expect(await remote.ended).toMatchObject({ code: 1000 });
  },

  'chooses the first subprotocol of the client that it speaks': async ({ open }) => {
    const remote = await open('echo', ['v0', 'v1', 'v2']);
    expect(remote.subprotocol).toBe('v1');
    remote.close();
  },

  'chooses no subprotocol when none was offered': async ({ open }) => {
    const remote = await open('echo');
    expect(remote.subprotocol).toBe('');
    remote.close();
  },

  'tells the handler the chosen subprotocol': async ({ open }) => {
    expect(await (await open('subprotocol', ['v0', 'v1', 'v2'])).next()).toBe('v1');
    expect(await (await open('subprotocol')).next()).toBe('undefined');
  },

  'closes with 1000 when no code is given, once': async ({ open, report }) => {
    const remote = await open('closesPlainly');
    remote.send('go');
    expect(await remote.ended).toEqual({ code: 1000, reason: '' });
    expect(await report('closesPlainly')).toEqual({
      closure: clean(1000, '', 'us'),
      same: true,
      send: 'ClosedError',
    });
  },

  'tells the handler how the peer closed': async ({ open, report }) => {
    const remote = await open('tells');
    remote.send('x');
    expect(await remote.next()).toBe('x');
    remote.close(3001, 'bye');
    expect(await remote.ended).toMatchObject({ code: 3001 });
    expect(await report('tells')).toEqual(clean(3001, 'bye', 'peer'));
  },

  'tells 1005 for a Close without a code': async ({ open, report }) => {
    const remote = await open('tells');
    remote.close();
    expect(await remote.ended).toEqual({ code: 1005, reason: '' });
    expect(await report('tells')).toEqual(clean(1005, '', 'peer'));
  },

  'tells 1006 for a dropped transport': async ({ open, report }) => {
    const remote = await open('tells');
    remote.terminate();
    expect(await report('tells')).toEqual({ code: 1006, reason: '', clean: false, by: 'transport' });
  },

  'closes with a code and a reason, once': async ({ open, report }) => {
    const remote = await open('closes');
    expect(await remote.ended).toEqual({ code: 4001, reason: 'enough' });
    expect(await report('closes')).toEqual({
      before: 'open',
      after: 'closed',
      closure: clean(4001, 'enough', 'us'),
      same: true,
      aborted: true,
      recv: null,
      tryRecv: null,
      send: 'ClosedError',
    });
  },

  'ends what the handler waits for when the peer closes': async ({ open, report }) => {
    const remote = await open('watches');
    expect(await remote.next()).toBe('open');
    remote.send('last');
    remote.close(3001, 'bye');
    // RFC 6455 §5.5.1 has the code echoed; whether the reason is, is free.
    expect(await remote.ended).toMatchObject({ code: 3001 });
    expect(await report('watches')).toEqual({
      messages: ['last'],
      closure: clean(3001, 'bye', 'peer'),
      state: 'closed',
      aborts: 1,
    });
  },

  'ends what the handler waits for when the transport is dropped': async ({ open, report }) => {
    const remote = await open('watches');
    await remote.next();
    remote.terminate();
    expect(await report('watches')).toEqual({
      messages: [],
      closure: { code: 1006, reason: '', clean: false, by: 'transport' },
      state: 'closed',
      aborts: 1,
    });
  },

  'closes with 1000 when the handler returns': async ({ open }) => {
    const remote = await open('returns');
    remote.send('go');
    expect(await remote.ended).toMatchObject({ code: 1000 });
  },

  'closes with 1011 when the handler throws': async ({ open, errors }) => {
    for (const name of ['throws', 'throwsAtOnce'] as const) {
      const remote = await open(name);
      if (name === 'throws') remote.send('go');
      expect(await remote.ended).toMatchObject({ code: 1011 });
      expect(await errors()).toEqual(['boom']);
    }
  },

  'tells onError what the handler throws': async ({ open, errors }) => {
    const remote = await open('throws');
    remote.send('go');
    expect(await errors()).toEqual(['boom']);
    remote.terminate();
  },

  'does not call it a fault of the handler that the peer left': async ({ open, report, errors }) => {
    const remote = await open('sendsOn');
    remote.send('go');
    expect(await remote.next()).toBe('still here');
    remote.terminate();
    expect(await report('sendsOn')).toBe('ClosedError');
    const other = await open('throws');
    other.send('go');
    expect(await errors()).toEqual(['boom']);
  },

  'refuses close codes and reasons that may not travel, and stays open': async ({ open }) => {
    const remote = await open('misuse');
    const names = JSON.parse(String(await remote.next()));
    expect(names).toEqual([...Array(9).fill('RangeError'), 'TypeError']);
    expect(await remote.next()).toBe('open');
    expect(await remote.ended).toEqual({ code: 1000, reason: 'x'.repeat(123) });
  },

  'splits into halves over one state, and spends the whole': async ({ open, report }) => {
    const remote = await open('split');
    expect(JSON.parse(String(await remote.next()))).toEqual(Array(5).fill('StateError'));
    remote.send('echo me');
    const messages = new Set([
      await remote.next(),
      await remote.next(),
      await remote.next(),
      await remote.next(),
    ]);
    expect(messages).toEqual(new Set(['tick 1', 'tick 2', 'tick 3', 'echo me']));
    remote.close(1000, 'done');
    expect(await remote.ended).toMatchObject({ code: 1000 });
    expect(await report('split')).toEqual(clean(1000, 'done', 'peer'));
  },
} satisfies Record<string, Case>;

/** Names of the cases. */
export type ContractCase = keyof typeof cases;

/** What a platform cannot do, and the proof of it. */
export interface ContractGap {
  readonly reason: string;
  prove(harness: ContractHarness): Promise<void>;
}

export type ContractGaps = { readonly [Name in ContractCase]?: ContractGap };

/** Registers the suite; call it inside a `describe`. */
export function peerContract(harness: () => ContractHarness, gaps: ContractGaps = {}): void {
  const declared = new Map(Object.entries(gaps));
  for (const [name, run] of Object.entries(cases)) {
    const gap = declared.get(name);
    if (gap === undefined) it(name, () => run(harness()));
    else it(`has a gap, “${name}”: ${gap.reason}`, () => gap.prove(harness()));
  }
}
