/**
 * Groups 12 and 13: a thousand compressed messages under each set of permessage-deflate parameters.
 *
 * Rule: the two tables below are the whole of it: 18 shapes of traffic, times 5 kinds of data
 * (group 12) or 7 sets of requests (group 13). RFC 7692 §7.
 */
import type { DeflateRequest } from '../wire/offer.ts';
import { type Case, define } from './case.ts';
import { type SampleKind, sample } from './samples.ts';

interface Shape {
  readonly size: number;
  readonly fragment: number;
  /** Seconds for the thousand. */
  readonly seconds: number;
}

const shape = (size: number, fragment = 0, seconds = 480): Shape => ({ size, fragment, seconds });

const SHAPES: readonly Shape[] = [
  shape(16, 0, 60),
  shape(64, 0, 60),
  shape(256, 0, 120),
  shape(1024, 0, 240),
  shape(4096),
  shape(8192),
  shape(16384),
  shape(32768),
  shape(65536),
  shape(131072),
  shape(8192, 256),
  shape(16384, 256),
  shape(32768, 256),
  shape(65536, 256),
  shape(131072, 256),
  shape(131072, 1024),
  shape(131072, 4096),
  shape(131072, 32768),
];

const KINDS: readonly { kind: SampleKind; words: string }[] = [
  { kind: 'records', words: 'JSON records' },
  { kind: 'markup', words: 'HTML table rows' },
  { kind: 'greek', words: 'Greek words, two octets a character' },
  { kind: 'prose', words: 'English words' },
  { kind: 'bitmap', words: 'runs of equal octets, binary' },
];

const ask = (noTakeover: boolean, windowBits: 0 | 9 | 15): DeflateRequest => ({ noTakeover, windowBits });

/** The default offer asks nothing of the peer. */
export const DEFAULT_OFFER: readonly DeflateRequest[] = [ask(false, 0)];

const REQUESTS: readonly (readonly DeflateRequest[])[] = [
  [ask(false, 0)],
  [ask(true, 0)],
  [ask(false, 9)],
  [ask(false, 15)],
  [ask(true, 9)],
  [ask(true, 15)],
  [ask(true, 9), ask(true, 0), ask(false, 0)],
];

const requestText = (requests: readonly DeflateRequest[]): string =>
  requests
    .map(({ noTakeover, windowBits }) => {
      const asked = [
        ...(noTakeover ? ['no context takeover'] : []),
        ...(windowBits === 0 ? [] : [`a window of 2^${windowBits}`]),
      ];
      return asked.length === 0 ? 'nothing' : asked.join(' and ');
    })
    .join(', else ');

function thousand(
  id: string,
  kind: SampleKind,
  row: Shape,
  words: string,
  deflate: readonly DeflateRequest[],
): Case {
  const { size, fragment, seconds } = row;
  const cut = fragment === 0 ? '' : ` in fragments of ${fragment} octets`;
  return define(
    id,
    [
      `1000 compressed messages of ${size} octets${cut}: ${words}.`,
      `All come back as sent, within ${seconds} s.`,
    ],
    () => ({
      kind: 'rounds',
      count: 1000,
      binary: kind === 'bitmap',
      message: (round) => sample(kind, size, round),
      series: `${kind} ${size}`,
      fragment,
      patience: seconds * 1000,
    }),
    { cost: size >= 32768 ? 4 : 2, deflate },
  );
}

const group12 = KINDS.flatMap(({ kind, words }, g) =>
  SHAPES.map((row, i) =>
    thousand(`12.${g + 1}.${i + 1}`, kind, row, `${words}; the default offer`, DEFAULT_OFFER),
  ),
);

const group13 = REQUESTS.flatMap((requests, g) =>
  SHAPES.map((row, i) =>
    thousand(
      `13.${g + 1}.${i + 1}`,
      'records',
      row,
      `of the peer is asked: ${requestText(requests)}`,
      requests,
    ),
  ),
);

export const deflateCases: readonly Case[] = [...group12, ...group13];
