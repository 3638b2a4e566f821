/**
 * The receiver of `ws`, driven a chunk at a time and without waiting.
 *
 * The rule of this file: the one place that knows how that receiver is called. What it found comes out as messages,
 * control frames and a close code, in order.
 */
import { Writable } from 'node:stream';
import * as ws from 'ws';

/** What a receiver found, in words that are comparable. */
export type PeerEvent = string;

interface Options {
  readonly isServer: boolean;
  readonly maxPayload: number;
  readonly maxFragments: number;
}

type ReceiverClass = new (options: Options) => Writable;

/** The published types do not name it, the package does. */
function isReceiverClass(value: unknown): value is ReceiverClass {
  return typeof value === 'function' && value.prototype instanceof Writable;
}

const found: unknown = Reflect.get(ws, 'Receiver');
if (!isReceiverClass(found)) throw new TypeError('this release of ws exports no Receiver');
const Receiver: ReceiverClass = found;

const closeCodeOf = (error: Error): number => {
  for (const symbol of Object.getOwnPropertySymbols(error)) {
    if (symbol.description === 'status-code') return Number(Reflect.get(error, symbol));
  }
  throw error;
};

/** Feeds the chunks. @throws what the receiver throws that is no violation of the protocol */
export function receiveWithWs(options: Options, chunks: readonly Uint8Array[]): PeerEvent[] {
  const events: PeerEvent[] = [];
  const receiver = new Receiver(options);
  const hex = (bytes: Buffer): string => bytes.toString('hex');
  let ended = false;
  receiver.on('message', (bytes: Buffer, isBinary: boolean) =>
    events.push(`${isBinary ? 'binary' : 'text'} ${hex(bytes)}`),
  );
  receiver.on('ping', (bytes: Buffer) => events.push(`ping ${hex(bytes)}`));
  receiver.on('pong', (bytes: Buffer) => events.push(`pong ${hex(bytes)}`));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    events.push(`close ${code} ${hex(reason)}`);
    ended = true;
  });
  for (const chunk of chunks) {
    receiver._write(Buffer.from(chunk), 'binary', (error) => {
      if (error === undefined || error === null) return;
      events.push(`fail ${closeCodeOf(error)}`);
      ended = true;
    });
    if (ended) break;
  }
  receiver.destroy();
  return events;
}
