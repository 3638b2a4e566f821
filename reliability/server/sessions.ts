// The session handlers that the runs need, written the way an application would write them.
// Rule: none of them defends itself against a peer; that is the engine's work.
import type { Connection, OpeningFacts, SessionHandler } from 'framewright';
import type { Entry } from '../ledger/account.ts';
import { Exchange, type Plan } from '../ledger/exchange.ts';
import { numberedMessage } from '../ledger/message.ts';

const exchanges: Exchange[] = [];
const members = new Set<Connection>();
let plan: Plan = { count: 0, mix: 'small', pause: 0 };

/** Counts that no ledger keeps. */
export const counts = { opened: 0, ended: 0, messages: 0, bytes: 0 };
/** How each connection that opened has ended, by close code; more ends than connections would be a fault. */
export const endings = new Map<number, number>();

/** What the server's end of a numbered exchange sends from now on. */
export function planExchanges(next: Plan): void {
  plan = next;
}

/** The server's accounts so far; `forget` begins anew. */
export const accounts = (): Entry[] => exchanges.map(({ account }) => account.entry);

export function forget(): void {
  exchanges.length = 0;
  endings.clear();
  Object.assign(counts, { opened: 0, ended: 0, messages: 0, bytes: 0 });
}

export function stopSending(): void {
  for (const exchange of exchanges) exchange.stop();
}

/** Any session, with its opening and its ending counted. */
export const watched =
  (session: SessionHandler): SessionHandler =>
  (connection) => {
    counts.opened += 1;
    void connection.closed.then(({ code }) => {
      counts.ended += 1;
      endings.set(code, (endings.get(code) ?? 0) + 1);
    });
    return session(connection);
  };

async function exchange(connection: Connection<OpeningFacts>): Promise<void> {
  const here = new Exchange(Number(connection.request.query.get('id')), connection, plan);
  exchanges.push(here);
  await here.received;
  here.stop();
  await here.sent;
}

async function echo(connection: Connection): Promise<void> {
  for await (const message of connection) await connection.send(message);
}

async function swallow(connection: Connection): Promise<void> {
  for await (const message of connection) {
    counts.messages += 1;
    counts.bytes += message.length;
  }
}

/** Sends for as long as the peer takes it. */
async function pour(connection: Connection): Promise<void> {
  for (let sequence = 0; ; sequence += 1) await connection.send(numberedMessage(sequence, 'large'));
}

/** Never asks for a message. */
async function deaf(connection: Connection): Promise<void> {
  await connection.closed;
}

async function room(connection: Connection): Promise<void> {
  members.add(connection);
  try {
    await swallow(connection);
  } finally {
    members.delete(connection);
  }
}

export const roomMembers: ReadonlySet<Connection> = members;

export const sessions = { exchange, echo, swallow, pour, deaf, room } satisfies Readonly<
  Record<string, SessionHandler>
>;
