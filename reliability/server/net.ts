// The server of the idle comparison without any WebSocket: a bare net.Server that keeps its sockets.
// Rule: it is the least that a connection can cost on Node.
import { createServer, type Socket } from 'node:net';
import { watchEscapes } from '../process/escapes.ts';
import { measureResources } from '../process/measure-resources.ts';
import { obey } from '../process/orders.ts';
import type { IdleOrders } from './main.ts';

const sockets = new Set<Socket>();

const orders = {
  async listen(): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on('data', (chunk) => socket.write(chunk));
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) =>
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve),
    );
    const address = server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  },
  resources: measureResources,
} satisfies IdleOrders;

watchEscapes();
obey(orders);
