// A crowd of connections that do nothing, in a process of its own.
// Rule: raw sockets, so that the crowd itself is cheap; nothing is sent after the opening.
import type { Socket } from 'node:net';
import { dial, dialWebSocket } from '../network/raw.ts';
import { obey } from '../process/orders.ts';

const crowd: Socket[] = [];

const orders = {
  /** Opens so many more, WebSockets or bare sockets, some dozens at a time. */
  async open(port: number, count: number, webSocket: boolean): Promise<void> {
    let left = count;
    const opener = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        crowd.push(webSocket ? await dialWebSocket(port, '/idle') : await dial(port));
      }
    };
    await Promise.all(Array.from({ length: 64 }, opener));
  },
  /** How many are still open. */
  standing(): number {
    return crowd.filter((socket) => !socket.destroyed && !socket.readableEnded).length;
  },
};

export type CrowdOrders = typeof orders;

obey(orders);
