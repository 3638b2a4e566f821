// Compares the accounts of both ends of every connection.
// Rule: what came is the beginning of what was sent, in order and whole; on a connection that both ends saw close clean
// it is all that was reported as sent; and every connection ends exactly once, with a legal code, at either end.
import type { Entry } from './account.ts';

/** Close codes that a closure may have (RFC 6455 §7.4). */
export const isLegalCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004) || (code >= 3000 && code <= 4999);

export interface Audit {
  readonly connections: number;
  readonly messages: number;
  /** Connections that both ends saw close clean. */
  readonly clean: number;
  /** How many ends had each close code. */
  readonly codes: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

function endViolations(side: string, { id, faults, endings, pending, buffered }: Entry): string[] {
  const where = `connection ${id}, ${side}`;
  const [ending] = endings;
  return [
    ...faults.map((fault) => `${where}: ${fault}`),
    ...(endings.length === 1 ? [] : [`${where}: ${endings.length} closures`]),
    ...(ending === undefined || isLegalCode(ending.code) ? [] : [`${where}: close code ${ending.code}`]),
    ...(pending === 0 ? [] : [`${where}: a send is neither accepted nor refused`]),
    ...(buffered === 0 ? [] : [`${where}: ${buffered} bytes are still said to be buffered`]),
  ];
}

const closedClean = ({ endings }: Entry): boolean => endings[0]?.clean === true;

function deliveryViolations(from: Entry, to: Entry, direction: string): string[] {
  const where = `connection ${from.id}, ${direction}`;
  const sent = from.accepted + from.refused + from.pending;
  if (to.received > sent) return [`${where}: ${to.received} received of ${sent} sent`];
  const lost = from.accepted - to.received;
  return closedClean(from) && closedClean(to) && lost > 0
    ? [`${where}: ${lost} of ${from.accepted} messages lost on a clean connection`]
    : [];
}

/** @param lenient whether an end may lack its other one, because that process was killed */
export function audit(server: readonly Entry[], peers: readonly Entry[], { lenient = false } = {}): Audit {
  const serverById = new Map(server.map((entry) => [entry.id, entry]));
  const peerById = new Map(peers.map((entry) => [entry.id, entry]));
  const violations: string[] = [];
  const codes: Record<string, number> = {};
  let messages = 0;
  let clean = 0;
  for (const id of new Set([...serverById.keys(), ...peerById.keys()])) {
    const here = serverById.get(id);
    const there = peerById.get(id);
    for (const [side, entry] of [['server', here] as const, ['peer', there] as const]) {
      if (entry === undefined) {
        if (!lenient) violations.push(`connection ${id}: the ${side} does not know it`);
        continue;
      }
      messages += entry.received;
      const code = String(entry.endings[0]?.code ?? 'none');
      codes[code] = (codes[code] ?? 0) + 1;
      violations.push(...endViolations(side, entry));
    }
    if (here === undefined || there === undefined) continue;
    if (closedClean(here) && closedClean(there)) clean += 1;
    violations.push(...deliveryViolations(here, there, 'server to peer'));
    violations.push(...deliveryViolations(there, here, 'peer to server'));
  }
  return { connections: Math.max(server.length, peers.length), messages, clean, codes, violations };
}
