// The server of the attacks with another engine in it: ws, as its documentation shows it.
// Rule: it answers the same orders, so that both engines meet the same attackers; it has the listeners ws asks for.
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ServerConfig } from 'framewright';
import { type WebSocket, WebSocketServer } from 'ws';
import { countedWarnings, watchEscapes } from '../process/escapes.ts';
import { collect, measureResources } from '../process/measure-resources.ts';
import { obey } from '../process/orders.ts';
import type { AttackedOrders } from './main.ts';

const mebibyte = 1_048_576;
const counts = { opened: 0, ended: 0, messages: 0, bytes: 0, reported: 0 };
const members = new Set<WebSocket>();
let connected: ReadonlySet<WebSocket> = new Set();
let delay = monitorEventLoopDelay({ resolution: 1 });

function serve(socket: WebSocket, path: string): void {
  counts.opened += 1;
  socket.on('close', () => {
    counts.ended += 1;
    members.delete(socket);
  });
  socket.on('error', () => {});
  if (path === '/room') members.add(socket);
  if (path === '/deaf') socket.pause();
  socket.on('message', (data, isBinary) => {
    if (path === '/echo' || path === '/idle') socket.send(data, { binary: isBinary });
    else counts.messages += 1;
  });
}

const orders = {
  async listen({ perMessageDeflate = false, maxMessageSize = mebibyte }: ServerConfig): Promise<number> {
    const http = createServer();
    const server = new WebSocketServer({
      server: http,
      maxPayload: maxMessageSize,
      perMessageDeflate: perMessageDeflate !== false,
    });
    connected = server.clients;
    server.on('connection', (socket, { url = '/' }) => serve(socket, url));
    await new Promise<void>((resolve) =>
      http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve),
    );
    const address = http.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  },
  resources: measureResources,
  warnings: countedWarnings,
  counts: () => ({ ...counts, connections: connected.size }),
  async memory(): Promise<number> {
    await collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  startDelay(): void {
    delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
  },
  stopDelay(): { p50: number; p99: number; max: number } {
    delay.disable();
    return { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
  },
  /** Drops members that are more than a MiB behind, as the engine under test is told to. */
  broadcast(size: number, times: number): number {
    for (let time = 0; time < times; time += 1) {
      const message = Buffer.alloc(size, time);
      for (const member of members) {
        if (member.bufferedAmount > mebibyte) member.terminate();
        else member.send(message);
      }
    }
    return members.size;
  },
} satisfies AttackedOrders;

watchEscapes();
obey(orders);
