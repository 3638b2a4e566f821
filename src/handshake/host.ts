/**
 * Authorities: the Host field, and what it is compared with.
 *
 * One rule: a name is compared as text without case, never resolved or decoded.
 * RFC 9112 §3.2 (Host), RFC 3986 §3.2.2, §3.2.3 (host and port). IPvFuture literals are refused: none is defined.
 */
import type { Refusal } from './refusal.ts';

export interface Authority {
  /** Lower-case; an IPv6 literal keeps its brackets. */
  readonly name: string;
  /** Undefined when none was given, or an empty one. */
  readonly port: number | undefined;
}

// One class after another, no two repeats side by side: linear on any input.
const AUTHORITY = /^(?:\[[0-9a-f:.]+\]|(?:[a-z0-9\-._~!$&'()*+,;=]|%[0-9a-f]{2})+)(?::[0-9]{0,5})?$/i;
const PORT = /(?::[0-9]{0,5})?$/;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/;

function isIpv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255);
}

function isIpv6(text: string): boolean {
  const lastColon = text.lastIndexOf(':');
  const tail = text.slice(lastColon + 1);
  if (tail.includes('.')) return isIpv4(tail) && isIpv6(`${text.slice(0, lastColon + 1)}0:0`);
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => GROUP.test(group))) return false;
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length <= 7;
}

/** Parses `uri-host [ ":" port ]`; undefined when the text is anything else, userinfo included. */
export function parseAuthority(text: string): Authority | undefined {
  if (!AUTHORITY.test(text)) return undefined;
  const authority = text.toLowerCase();
  const nameEnd = authority.search(PORT);
  const name = authority.slice(0, nameEnd);
  if (name.startsWith('[') && !isIpv6(name.slice(1, -1))) return undefined;
  const digits = authority.slice(nameEnd + 1);
  const port = digits === '' ? undefined : Number(digits);
  return port === undefined || port <= 65_535 ? { name, port } : undefined;
}

const MISDIRECTED: Refusal = {
  status: 403,
  message: 'This host is not served here.',
  headers: [],
};

/**
 * Guards against DNS rebinding: the Host must be one of the names that the server goes by.
 *
 * Names are exact, such as `localhost` or `[::1]`, or have a port, `localhost:4040`; a port is compared only where the
 * entry gives one. An entry that is no authority allows nothing.
 */
export class AllowedHosts {
  readonly #allowed: readonly Authority[];
  /** What was allowed last: nearly all requests of a server name the same host. */
  #last: string | undefined;

  constructor(names: readonly string[]) {
    this.#allowed = names.map(parseAuthority).filter((name) => name !== undefined);
  }

  /** @param host the Host field as received */
  check(host: string): Refusal | undefined {
    if (host === this.#last) return undefined;
    const own = parseAuthority(host);
    const isAllowed = this.#allowed.some(
      ({ name, port }) => name === own?.name && (port === undefined || port === own.port),
    );
    if (!isAllowed) return MISDIRECTED;
    this.#last = host;
    return undefined;
  }
}
