/**
 * T-BACKOFF in real time: 1000 clients, a server that is killed, and the moments at which they come back.
 *
 * The rule of this file: nothing is simulated. The server is a process that gets SIGKILL, the attempts are counted where
 * they arrive, and all waits are the defaults.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { reconnecting } from 'framewright';
import { expect, it } from 'vitest';

const clients = 1_000;
const bucket = 100;
/** A pause of this process or of the machine beyond this moves attempts together: such a round proves nothing. */
const longestPause = 60;

/** A server in a process of its own, on ws, which needs no build. */
async function startVictim(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../../interop/servers/ws.js', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk) => resolve(String(chunk)));
    child.once('exit', () => reject(new Error('the server ended')));
  });
  return { child, port: JSON.parse(line).port };
}

/** Takes the dead server's place and drops everybody, with the time at which each came. */
async function countAttempts(port: number): Promise<{ server: Server; times: number[] }> {
  const times: number[] = [];
  const server = createServer((socket) => {
    times.push(performance.now());
    socket.on('error', () => {});
    // The request is read and the connection kept: one attempt of each client is what is counted.
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen({ port, host: '127.0.0.1', backlog: clients }, resolve));
  return { server, times };
}

/** One round. @returns when the attempts came, and the longest pause of the event loop meanwhile */
async function round(): Promise<{ times: number[]; pause: number }> {
  const { child, port } = await startVictim();
  const stop = new AbortController();
  let open = 0;
  let lost = 0;
  const live = async (): Promise<void> => {
    const options = { signal: stop.signal, handshakeTimeout: 60_000, pingInterval: 0 };
    for await (const connection of reconnecting(`ws://127.0.0.1:${port}/`, options)) {
      open += 1;
      await connection.closed;
      lost += 1;
    }
  };
  const lives = Array.from({ length: clients }, live);
  while (open < clients) await new Promise((go) => setTimeout(go, 10));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  const { server, times } = await countAttempts(port);
  while (lost < clients) await new Promise((go) => setTimeout(go, 1));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const until = Date.now() + 15_000;
  while (times.length < clients && Date.now() < until) await new Promise((go) => setTimeout(go, 10));
  delay.disable();
  stop.abort();
  await Promise.all(lives);
  await new Promise((resolve) => server.close(resolve));
  return { times, pause: delay.max / 1e6 };
}

/** How many attempts came in each 100 ms. */
function bucketsOf(times: readonly number[]): number[] {
  const first = Math.min(...times);
  const counts = new Map<number, number>();
  for (const time of times) {
    const index = Math.floor((time - first) / bucket);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return [...counts.values()];
}

it('T-BACKOFF: 1000 clients whose server is killed: no 100 ms holds more than 5 % of the attempts', async () => {
  const most = clients * 0.05;
  const isCrowded = (times: readonly number[]): boolean => Math.max(...bucketsOf(times)) > most;
  let { times, pause } = await round();
  for (let again = 0; again < 3 && isCrowded(times) && pause > longestPause; again += 1) {
    ({ times, pause } = await round());
  }
  // Those few whose first attempt comes before anybody listens again are refused, and come a second time later.
  expect(times).toHaveLength(clients);
  expect(isCrowded(times)).toBe(false);
  expect(bucketsOf(times).length).toBeGreaterThan(40);
}, 120_000);
