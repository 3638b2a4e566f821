import { describe, expect, it } from 'vitest';
import { Account, type Entry } from '../../../reliability/ledger/account.ts';
import { audit, isLegalCode } from '../../../reliability/ledger/audit.ts';
import { numberedMessage } from '../../../reliability/ledger/message.ts';

const ending = (code = 1000, clean = true) => ({ code, clean, by: 'us', cause: undefined, at: 0 }) as const;

const entry = (changes: Partial<Entry> = {}): Entry => ({
  id: 1,
  accepted: 10,
  refused: 0,
  pending: 0,
  received: 10,
  faults: [],
  endings: [ending()],
  buffered: 0,
  ...changes,
});

const violations = (server: Partial<Entry>, peer: Partial<Entry> = {}): readonly string[] =>
  audit([entry(server)], [entry(peer)]).violations;

describe('the audit', () => {
  it('finds nothing where all is well', () => {
    const found = audit([entry()], [entry()]);
    expect(found).toEqual({
      connections: 1,
      messages: 20,
      clean: 1,
      codes: { 1000: 2 },
      violations: [],
    });
  });

  it('finds a message that was reported as sent and never came, in either direction', () => {
    expect(violations({ received: 9 })).toEqual([
      'connection 1, peer to server: 1 of 10 messages lost on a clean connection',
    ]);
    expect(violations({ accepted: 12 })).toEqual([
      'connection 1, server to peer: 2 of 12 messages lost on a clean connection',
    ]);
  });

  it('excuses a loss when one end saw the connection break', () => {
    const broken = { endings: [ending(1006, false)] };
    expect(violations({ accepted: 12, ...broken })).toEqual([]);
  });

  it('lets a refused message come, but no message that nobody sent', () => {
    expect(violations({ accepted: 9, refused: 1 })).toEqual([]);
    expect(violations({ accepted: 9 })).toEqual(['connection 1, server to peer: 10 received of 9 sent']);
  });

  it('finds closures that are missing, doubled or of a wrong code', () => {
    expect(violations({ endings: [] })).toEqual(['connection 1, server: 0 closures']);
    expect(violations({ endings: [ending(), ending()] })).toEqual(['connection 1, server: 2 closures']);
    expect(violations({ endings: [ending(1004)] })).toEqual(['connection 1, server: close code 1004']);
  });

  it('finds sends without an end, bytes that stay, and what a receiver noted', () => {
    expect(violations({ pending: 1 })).toEqual([
      'connection 1, server: a send is neither accepted nor refused',
    ]);
    expect(violations({ buffered: 3 })).toEqual([
      'connection 1, server: 3 bytes are still said to be buffered',
    ]);
    expect(violations({ faults: ['message 4 came again; 5 was due'] })).toEqual([
      'connection 1, server: message 4 came again; 5 was due',
    ]);
  });

  it('misses the other end unless its process was killed', () => {
    expect(audit([entry()], []).violations).toEqual(['connection 1: the peer does not know it']);
    expect(audit([entry()], [], { lenient: true }).violations).toEqual([]);
  });

  it('knows the codes that a closure may have', () => {
    const legal = [1000, 1003, 1005, 1006, 1014, 3000, 4999];
    const illegal = [0, 999, 1004, 1015, 2999, 5000];
    expect(legal.filter((code) => !isLegalCode(code))).toEqual([]);
    expect(illegal.filter(isLegalCode)).toEqual([]);
  });
});

describe('an account', () => {
  const received = (...sequences: readonly number[]): Entry => {
    const account = new Account(7, 'small');
    for (const sequence of sequences) account.received(numberedMessage(sequence, 'small'));
    return account.entry;
  };

  it('counts what comes in order', () => {
    expect(received(0, 1, 2)).toMatchObject({ received: 3, faults: [] });
  });

  it('notes what is lost, doubled, swapped or damaged', () => {
    expect(received(0, 2).faults).toEqual(['message 2 came before its turn; 1 was due']);
    expect(received(0, 0).faults).toEqual(['message 0 came again; 1 was due']);
    const account = new Account(7, 'small');
    account.received(`${numberedMessage(0, 'small')}`);
    expect(account.entry.faults).toEqual(['message 0 is damaged; 0 was due']);
  });

  it('keeps every ending', () => {
    const account = new Account(7, 'small');
    account.ended({ code: 1006, reason: '', clean: false, by: 'transport', cause: new RangeError('x') });
    expect(account.entry.endings).toEqual([
      { code: 1006, clean: false, by: 'transport', cause: 'RangeError: x', at: expect.any(Number) },
    ]);
  });
});
