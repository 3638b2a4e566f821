/**
 * Group 21: what a server makes of permessage-deflate offers.
 *
 * Rule: an offer that cannot be taken is declined and the next one is looked at; the handshake
 * itself goes on. RFC 7692 §5.1, §7.1.
 */
import { headOctets } from '../wire/head.ts';
import type { DeflateRequest } from '../wire/offer.ts';
import { type Case, define, type OpeningPlot } from './case.ts';

type Extension = 'declined' | 'taken' | 'either';

const NOTHING: readonly DeflateRequest[] = [{ noTakeover: false, windowBits: 0 }];
const window = (windowBits: number): readonly DeflateRequest[] => [{ noTakeover: false, windowBits }];
const FORGET: readonly DeflateRequest[] = [{ noTakeover: true, windowBits: 0 }];

type Row = readonly [offer: string, extension: Extension, requests?: readonly DeflateRequest[]];

const PLAIN = 'permessage-deflate';

const GOOD: readonly Row[] = [
  [PLAIN, 'taken'],
  [`${PLAIN}; client_max_window_bits`, 'taken'],
  [`${PLAIN}; client_max_window_bits=10`, 'taken'],
  [`${PLAIN}; server_no_context_takeover`, 'taken', FORGET],
  [`${PLAIN}; server_max_window_bits=10`, 'taken', window(10)],
  [`${PLAIN}; server_max_window_bits="10"`, 'taken', window(10)],
  [`${PLAIN}; server_max_window_bits=8`, 'either', window(8)],
  [`${PLAIN}; client_max_window_bits=8`, 'either'],
];

const DECLINED: readonly Row[] = [
  [`${PLAIN}; x_unknown`, 'declined'],
  [`${PLAIN}; server_no_context_takeover=1`, 'declined'],
  [`${PLAIN}; client_no_context_takeover=true`, 'declined'],
  [`${PLAIN}; server_max_window_bits`, 'declined'],
  [`${PLAIN}; server_max_window_bits=7`, 'declined'],
  [`${PLAIN}; server_max_window_bits=16`, 'declined'],
  [`${PLAIN}; server_max_window_bits=08`, 'declined'],
  [`${PLAIN}; server_max_window_bits=ten`, 'declined'],
  [`${PLAIN}; client_max_window_bits=16`, 'declined'],
  [`${PLAIN}; client_max_window_bits=010`, 'declined'],
  [`${PLAIN}; server_no_context_takeover; server_no_context_takeover`, 'declined'],
  [`${PLAIN}; server_max_window_bits=10; server_max_window_bits=10`, 'declined'],
];

const SECOND: readonly Row[] = [
  [`${PLAIN}; x_unknown, ${PLAIN}`, 'taken'],
  [`${PLAIN}; server_max_window_bits=16, ${PLAIN}; server_max_window_bits=10`, 'taken', window(10)],
  [`x-none; a=1, ${PLAIN}`, 'taken'],
];

const WORDS: Record<Extension, string> = {
  taken: 'Taken; a compressed message comes back.',
  declined: 'Declined: accepted without the extension, and a message comes back.',
  either: 'Taken or declined; a message comes back either way.',
};

function offerCase(id: string, [offer, extension, requests = NOTHING]: Row): Case {
  const plot: OpeningPlot = {
    kind: 'opening',
    request: ({ host, path }, key) =>
      headOctets([
        `GET ${path} HTTP/1.1`,
        `Host: ${host}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Key: ${key}`,
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Extensions: ${offer}`,
      ]),
    expect: { outcome: 'negotiate', offer, extension, requests },
  };
  return define(id, [`The offer "${offer}".`, WORDS[extension]], () => plot, { judges: 'server' });
}

export const negotiationCases: readonly Case[] = [GOOD, DECLINED, SECOND].flatMap((table, t) =>
  table.map((row, i) => offerCase(`21.${t + 1}.${i + 1}`, row)),
);
