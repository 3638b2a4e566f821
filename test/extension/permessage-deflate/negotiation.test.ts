/** The truth table of docs/compression.md: every row of it is a row here. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permessageDeflate } from '../../../src/extension/index.ts';
import {
  type Agreement,
  answerOffer,
  judgeAnswer,
  offerFor,
} from '../../../src/extension/permessage-deflate/negotiation.ts';
import {
  type PerMessageDeflateOptions,
  readOptions,
} from '../../../src/extension/permessage-deflate/options.ts';
import type { ExtensionOffer } from '../../../src/extension/types.ts';

/** Reads a parameter list as the header writes it: `a; b=10`. */
const list = (text: string): ExtensionOffer => ({
  name: 'permessage-deflate',
  parameters: text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value] = part.split('=');
      return [name, value] as const;
    }),
});

const text = ({ parameters }: ExtensionOffer): string =>
  parameters.map(([name, value]) => (value === undefined ? name : `${name}=${value}`)).join('; ');

const direction = ({ own, peer }: Agreement): string =>
  [own, peer]
    .map(({ windowBits, contextTakeover }) => `${windowBits}${contextTakeover ? '' : '!'}`)
    .join(' ');

const yes = (): boolean => true;
const no = (): boolean => false;

// Own and peer's direction are written as window bits, with `!` where there is no context takeover.

describe('server: answer to an offer', () => {
  const rows: [options: PerMessageDeflateOptions, offer: string, answer: string, ownAndPeer: string][] = [
    [{}, '', '', '12 15'],
    [{}, 'client_max_window_bits', 'client_max_window_bits=12', '12 12'],
    [{}, 'client_max_window_bits=15', 'client_max_window_bits=12', '12 12'],
    [{}, 'client_max_window_bits=9', 'client_max_window_bits=9', '12 9'],
    [{}, 'client_max_window_bits=8', 'client_max_window_bits=8', '12 8'],
    [{}, 'server_max_window_bits=15', 'server_max_window_bits=12', '12 15'],
    [{}, 'server_max_window_bits=10', 'server_max_window_bits=10', '10 15'],
    [{}, 'server_max_window_bits=8', 'server_max_window_bits=8', '8 15'],
    [{}, 'server_no_context_takeover', 'server_no_context_takeover', '12! 15'],
    [{}, 'client_no_context_takeover', 'client_no_context_takeover', '12 15!'],
    [
      {},
      'client_max_window_bits; server_max_window_bits=9; client_no_context_takeover; server_no_context_takeover',
      'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=12',
      '9! 12!',
    ],
    [{ serverNoContextTakeover: true }, '', 'server_no_context_takeover', '12! 15'],
    [{ clientNoContextTakeover: true }, '', 'client_no_context_takeover', '12 15!'],
    [{ serverMaxWindowBits: 15 }, '', 'server_max_window_bits=15', '15 15'],
    [{ serverMaxWindowBits: 9 }, 'server_max_window_bits=11', 'server_max_window_bits=9', '9 15'],
    [{ serverMaxWindowBits: 11 }, 'server_max_window_bits=9', 'server_max_window_bits=9', '9 15'],
    [{ clientMaxWindowBits: 9 }, '', '', '12 15'],
    [{ clientMaxWindowBits: 9 }, 'client_max_window_bits', 'client_max_window_bits=9', '12 9'],
    [{ clientMaxWindowBits: 15 }, 'client_max_window_bits=10', 'client_max_window_bits=10', '12 10'],
    [{ clientMaxWindowBits: false }, 'client_max_window_bits', '', '12 15'],
    [{ clientMaxWindowBits: false }, 'client_max_window_bits=10', '', '12 10'],
  ];
  it.each(rows)('%j, offered "%s": "%s"', (options, offer, answer, ownAndPeer) => {
    const agreement = answerOffer(readOptions(options), list(offer), yes);
    expect(agreement && text(agreement.answer)).toBe(answer);
    expect(agreement && direction(agreement)).toBe(ownAndPeer);
  });

  it.each([
    'foo',
    'foo=1',
    'server_no_context_takeover=1',
    'client_no_context_takeover=true',
    'server_no_context_takeover; server_no_context_takeover',
    'client_max_window_bits; client_max_window_bits=10',
    'server_max_window_bits',
    'server_max_window_bits=',
    'server_max_window_bits=1',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=015',
    'server_max_window_bits=1000',
    'server_max_window_bits="10"',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=08',
    'client_max_window_bits=',
  ])('declines "%s"', (offer) => {
    expect(answerOffer(readOptions({}), list(offer), yes)).toBeUndefined();
  });

  it('declines a window of 8 for itself where zlib does not keep to it, and takes it from the client', () => {
    expect(answerOffer(readOptions({}), list('server_max_window_bits=8'), no)).toBeUndefined();
    expect(answerOffer(readOptions({}), list('server_max_window_bits=9'), no)).toBeDefined();
    expect(answerOffer(readOptions({}), list('client_max_window_bits=8'), no)).toBeDefined();
  });
});

describe('client: offer', () => {
  const rows: [options: PerMessageDeflateOptions, offer: string][] = [
    [{}, 'client_max_window_bits'],
    [{ clientMaxWindowBits: true }, 'client_max_window_bits'],
    [{ clientMaxWindowBits: 10 }, 'client_max_window_bits=10'],
    [{ clientMaxWindowBits: false }, ''],
    [{ serverMaxWindowBits: 10 }, 'server_max_window_bits=10; client_max_window_bits'],
    [{ serverNoContextTakeover: true }, 'server_no_context_takeover; client_max_window_bits'],
    [{ clientNoContextTakeover: true }, 'client_no_context_takeover; client_max_window_bits'],
  ];
  it.each(rows)('%j: "%s"', (options, offer) => {
    expect(text(offerFor(readOptions(options)))).toBe(offer);
  });
});

describe('client: judgement of an answer', () => {
  const rows: [options: PerMessageDeflateOptions, answer: string, ownAndPeer: string | undefined][] = [
    [{}, '', '12 15'],
    [{}, 'server_no_context_takeover', '12 15!'],
    [{}, 'client_no_context_takeover', '12! 15'],
    [{}, 'server_max_window_bits=9', '12 9'],
    [{}, 'server_max_window_bits=8', '12 8'],
    [{}, 'client_max_window_bits=15', '12 15'],
    [{}, 'client_max_window_bits=9', '9 15'],
    [{}, 'client_max_window_bits=8', '8 15'],
    [{}, 'client_max_window_bits', undefined],
    [{}, 'client_max_window_bits=7', undefined],
    [{}, 'client_max_window_bits=16', undefined],
    [{}, 'server_max_window_bits', undefined],
    [{}, 'server_max_window_bits=16', undefined],
    [{}, 'server_max_window_bits=1000', undefined],
    [{}, 'server_no_context_takeover=1', undefined],
    [{}, 'server_no_context_takeover; server_no_context_takeover', undefined],
    [{}, 'foo', undefined],
    [{ clientMaxWindowBits: false }, '', '12 15'],
    [{ clientMaxWindowBits: false }, 'client_max_window_bits=15', undefined],
    [{ clientMaxWindowBits: 10 }, '', '10 15'],
    [{ clientMaxWindowBits: 15 }, '', '15 15'],
    [{ clientMaxWindowBits: 10 }, 'client_max_window_bits=9', '9 15'],
    [{ clientMaxWindowBits: 10 }, 'client_max_window_bits=10', '10 15'],
    [{ clientMaxWindowBits: 10 }, 'client_max_window_bits=11', undefined],
    [{ clientNoContextTakeover: true }, '', '12! 15'],
    [{ serverNoContextTakeover: true }, '', undefined],
    [{ serverNoContextTakeover: true }, 'server_no_context_takeover', '12 15!'],
    [{ serverMaxWindowBits: 10 }, '', undefined],
    [{ serverMaxWindowBits: 10 }, 'server_max_window_bits=11', undefined],
    [{ serverMaxWindowBits: 10 }, 'server_max_window_bits=10', '12 10'],
    [{ serverMaxWindowBits: 10 }, 'server_max_window_bits=9', '12 9'],
  ];
  it.each(rows)('%j, answered "%s": %s', (options, answer, ownAndPeer) => {
    const agreement = judgeAnswer(readOptions(options), list(answer), yes);
    expect(agreement && direction(agreement)).toBe(ownAndPeer);
  });

  it('does not fit when the server wants a window of 8 where zlib does not keep to it', () => {
    expect(judgeAnswer(readOptions({}), list('client_max_window_bits=8'), no)).toBeUndefined();
    expect(judgeAnswer(readOptions({}), list('server_max_window_bits=8'), no)).toBeDefined();
  });
});

describe('the extension', () => {
  it('takes the first acceptable offer', () => {
    const answer = permessageDeflate().answer([
      list('foo'),
      list('server_max_window_bits=16'),
      { name: 'permessage-other', parameters: [] },
      list('server_max_window_bits=10'),
      list(''),
    ]);
    expect(answer && text(answer.answer)).toBe('server_max_window_bits=10');
  });

  it('is one object for all connections that agree on the same, which nobody can change', () => {
    const extension = permessageDeflate();
    const [one, same, other] = ['client_max_window_bits', 'client_max_window_bits', ''].map((offer) =>
      extension.answer([list(offer)]),
    );
    expect(one?.answer).toBe(same?.answer);
    expect(text(one?.answer ?? list(''))).toBe('client_max_window_bits=12');
    expect(text(other?.answer ?? list('none'))).toBe('');
    expect(Object.isFrozen(one?.answer) && Object.isFrozen(one?.answer.parameters[0])).toBe(true);
    const sessions = [one?.createSession(), same?.createSession()];
    expect(sessions[0]).not.toBe(sessions[1]);
    for (const session of sessions) session?.dispose();
  });

  it('declines when there is none, without an error', () => {
    expect(permessageDeflate().answer([])).toBeUndefined();
    expect(permessageDeflate().answer([list('foo'), list('bar=1')])).toBeUndefined();
  });

  it('does not take an answer of another name', () => {
    expect(permessageDeflate().confirm({ name: 'permessage-other', parameters: [] })).toBeUndefined();
  });

  it('agrees with itself: own of one side is peer of the other, or wider', () => {
    const bits = fc.integer({ min: 8, max: 15 });
    const options = fc.record(
      {
        serverNoContextTakeover: fc.boolean(),
        clientNoContextTakeover: fc.boolean(),
        serverMaxWindowBits: bits,
        clientMaxWindowBits: fc.oneof(bits, fc.boolean()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(options, options, (forClient, forServer) => {
        const client = readOptions(forClient);
        const served = answerOffer(readOptions(forServer), offerFor(client), yes);
        const confirmed = served && judgeAnswer(client, served.answer, yes);
        if (served === undefined || confirmed === undefined) {
          throw new Error('an offer of ours must be answered, and the answer taken');
        }
        expect(served.own.windowBits).toBeLessThanOrEqual(confirmed.peer.windowBits);
        expect(confirmed.own.windowBits).toBeLessThanOrEqual(served.peer.windowBits);
        expect(served.own.contextTakeover).toBe(confirmed.peer.contextTakeover);
        // A client may refrain from what it was allowed, never the other way round.
        expect(served.peer.contextTakeover || !confirmed.own.contextTakeover).toBe(true);
      }),
      { seed: 20261125, numRuns: 2000 },
    );
  });
});
