/**
 * The client half of the opening handshake, as octets.
 *
 * Rule: a 101 is believed only when everything RFC 6455 §4.1 asks of it is there.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Timing } from './play.ts';
import type { ServerTarget } from './target.ts';
import { acceptValue, field, type Head, HeadReader, headOctets, statusOf } from './wire/head.ts';
import type { WireLog } from './wire/log.ts';
import { patience } from './wire/patience.ts';

/** What all cases of one run against a server have in common. */
export interface ServerRun {
  readonly target: ServerTarget;
  readonly agent: string;
  readonly timing: Timing;
}

/** Reads a response head; null when the server ends or says nothing for `ms`. */
export function readResponse(
  socket: Socket,
  log: WireLog,
  ms: number,
): Promise<{ head: Head; rest: Buffer } | null> {
  return new Promise((resolve) => {
    const reader = new HeadReader();
    const take = (chunk: Buffer): void => {
      log.received(chunk);
      const read = reader.push(chunk);
      if (read !== null) finish(read);
    };
    const none = (): void => finish(null);
    const stopWaiting = patience(ms, none);
    const finish = (outcome: { head: Head; rest: Buffer } | null): void => {
      stopWaiting();
      socket.off('data', take);
      socket.off('close', none);
      if (outcome !== null) socket.pause();
      resolve(outcome);
    };
    socket.on('data', take);
    socket.on('close', none);
    socket.on('error', (error) => log.note(`TCP: ${error.message}`));
  });
}

export function requestHead(target: ServerTarget, key: string, more: readonly string[] = []): Buffer {
  return headOctets([
    `GET ${target.path} HTTP/1.1`,
    `Host: ${target.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    ...more,
  ]);
}

export const freshKey = (): string => randomBytes(16).toString('base64');

/** What is wrong with a 101, or null. */
export function answerFault(head: Head, key: string): string | null {
  if (statusOf(head) !== 101) return `The server answered: ${head.startLine}`;
  if (field(head, 'sec-websocket-accept') !== acceptValue(key))
    return 'Sec-WebSocket-Accept does not fit the key.';
  if (field(head, 'upgrade')?.toLowerCase() !== 'websocket') return 'The 101 lacks "Upgrade: websocket".';
  if (!/(^|,)\s*upgrade\s*(,|$)/i.test(field(head, 'connection') ?? ''))
    return 'The 101 lacks "Connection: Upgrade".';
  return null;
}
