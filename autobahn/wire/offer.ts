/**
 * permessage-deflate in header text: reading offers and answers, and turning an answer into the
 * two directions of a session.
 *
 * Rule: an answer is believed only when the offer allows it (RFC 7692 §7.1); anything else is a
 * fault of the peer, told as a sentence.
 */
import type { Direction } from './deflate.ts';

export type Parameters = ReadonlyMap<string, string | true>;

export interface Offer {
  readonly name: string;
  readonly parameters: Parameters;
}

/** Splits a Sec-WebSocket-Extensions value. Lenient: the cases that care look at the text itself. */
export function readOffers(value: string): Offer[] {
  return value
    .split(',')
    .map((part) => part.split(';').map((piece) => piece.trim()))
    .filter(([name]) => name !== undefined && name !== '')
    .map(([name = '', ...pieces]) => ({ name, parameters: readParameters(pieces) }));
}

function readParameters(pieces: readonly string[]): Parameters {
  const parameters = new Map<string, string | true>();
  for (const piece of pieces) {
    const equals = piece.indexOf('=');
    if (equals < 0) parameters.set(piece, true);
    else
      parameters.set(
        piece.slice(0, equals).trim(),
        piece
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
  }
  return parameters;
}

/** One entry of the case data: what the suite asks its peer to do (0: no word about the window). */
export interface DeflateRequest {
  readonly noTakeover: boolean;
  readonly windowBits: number;
  /** The suite itself has to be free to keep its context; without that the case means nothing. */
  readonly keepsOwnContext?: true;
}

/** The offer the suite makes as a client: both client parameters, plus what it asks of the server. */
export function offerText(request: DeflateRequest): string {
  const parts = ['permessage-deflate', 'client_max_window_bits'];
  if (!request.keepsOwnContext) parts.push('client_no_context_takeover');
  if (request.noTakeover) parts.push('server_no_context_takeover');
  if (request.windowBits !== 0) parts.push(`server_max_window_bits=${request.windowBits}`);
  return parts.join('; ');
}

export interface Agreement {
  readonly client: Direction;
  readonly server: Direction;
}

const KNOWN = new Set([
  'client_no_context_takeover',
  'server_no_context_takeover',
  'client_max_window_bits',
  'server_max_window_bits',
]);

const bitsOf = (value: string | true | undefined): number | null =>
  value === undefined
    ? 15
    : typeof value === 'string' && /^([89]|1[0-5])$/.test(value)
      ? Number(value)
      : null;

/** What the answer to the suite's offers agreed on, or the fault in it. */
export function readAnswer(value: string, requests: readonly DeflateRequest[]): Agreement | string {
  const [answer, ...more] = readOffers(value);
  if (answer === undefined || more.length > 0 || answer.name !== 'permessage-deflate') {
    return `the answer names extensions that were not offered: ${value}`;
  }
  const { parameters } = answer;
  for (const name of parameters.keys()) {
    if (!KNOWN.has(name)) return `the answer has an unknown parameter: ${name}`;
  }
  const clientBits = bitsOf(parameters.get('client_max_window_bits'));
  const serverBits = bitsOf(parameters.get('server_max_window_bits'));
  if (clientBits === null || serverBits === null) return `the answer has a bad window size: ${value}`;
  const serverForgets = parameters.has('server_no_context_takeover');
  const met = requests.some(
    (request) =>
      (!request.noTakeover || serverForgets) &&
      (request.windowBits === 0 ||
        (parameters.has('server_max_window_bits') && serverBits <= request.windowBits)),
  );
  if (!met) return `the answer fits none of the offers: ${value}`;
  return {
    client: { windowBits: clientBits, takeover: !parameters.has('client_no_context_takeover') },
    server: { windowBits: serverBits, takeover: !serverForgets },
  };
}

/** The suite's answer, as a server, to a client's offers; null when none of them can carry the request. */
export function answerOffer(
  value: string,
  requests: readonly DeflateRequest[],
): { text: string; agreement: Agreement } | null {
  const offers = readOffers(value).filter((offer) => offer.name === 'permessage-deflate');
  for (const request of requests) {
    for (const { parameters } of offers) {
      if (request.windowBits !== 0 && !parameters.has('client_max_window_bits')) continue;
      if (request.keepsOwnContext && parameters.has('server_no_context_takeover')) continue;
      return answerWith(request, parameters);
    }
  }
  return null;
}

function answerWith(request: DeflateRequest, offered: Parameters): { text: string; agreement: Agreement } {
  const parts = ['permessage-deflate'];
  const serverForgets = offered.has('server_no_context_takeover');
  const clientForgets = request.noTakeover || offered.has('client_no_context_takeover');
  const serverBits = bitsOf(offered.get('server_max_window_bits')) ?? 15;
  const offeredBits = offered.get('client_max_window_bits');
  const cap = bitsOf(offeredBits === true ? undefined : offeredBits) ?? 15;
  const clientBits = request.windowBits === 0 ? cap : Math.min(cap, request.windowBits);
  if (serverForgets) parts.push('server_no_context_takeover');
  if (clientForgets) parts.push('client_no_context_takeover');
  if (offered.has('server_max_window_bits')) parts.push(`server_max_window_bits=${serverBits}`);
  if (request.windowBits !== 0) parts.push(`client_max_window_bits=${clientBits}`);
  return {
    text: parts.join('; '),
    agreement: {
      client: { windowBits: clientBits, takeover: !clientForgets },
      server: { windowBits: serverBits, takeover: !serverForgets },
    },
  };
}
