/** The example in several processes, as a program: connections in each of them, one that dies, and the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Connection, connect } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const undo: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(undo.splice(0).map((step) => step()));
});

interface Started {
  readonly child: ChildProcess;
  /** How often it said where it listens. */
  announcements(): { url: string; pids: number[] }[];
}

async function start(environment: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, ['examples/cluster/server.js'], {
    cwd: root,
    env: { ...process.env, HOST: '127.0.0.1', PROCESSES: '2', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  undo.push(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const announcements = () =>
    [...output.matchAll(/(ws:\S+) in processes (.+)\n/g)].map(([, url = '', pids = '']) => ({
      url,
      pids: pids.split(', ').map(Number),
    }));
  await until(() => announcements().length > 0, child);
  return { child, announcements };
}

async function until(reached: () => boolean, child: ChildProcess): Promise<void> {
  while (!reached()) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    await new Promise((go) => setTimeout(go, 10));
  }
}

const echoed = async (url: string): Promise<unknown> => {
  const connection = await connect(url);
  await connection.send('hello');
  const message = await connection.recv();
  await connection.close();
  return message;
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}

describe('examples/cluster', () => {
  it('echoes in every process, replaces one that dies, and says goodbye to all', async () => {
    const { child, announcements } = await start({ PORT: '0' });
    const [{ url, pids } = { url: '', pids: [] }] = announcements();
    expect(new Set(pids).size).toBe(2);
    expect(await Promise.all(Array.from({ length: 8 }, () => echoed(url)))).toEqual(Array(8).fill('hello'));

    // Dealt out in turn, some of these are in the process that dies, and their peers notice.
    const connections: Connection[] = [];
    while (connections.length < 8) connections.push(await connect(url));
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await until(() => announcements().length === 2, child);
    const dropped = connections.filter(({ state }) => state !== 'open');
    expect(dropped.length).toBeGreaterThan(0);
    expect(dropped.length).toBeLessThan(8);
    expect(await Promise.all(Array.from({ length: 8 }, () => echoed(url)))).toEqual(Array(8).fill('hello'));

    child.kill('SIGTERM');
    const closures = await Promise.all(connections.map(({ closed }) => closed));
    const codes = connections.map((connection) => (dropped.includes(connection) ? 1006 : 1001));
    expect(closures.map(({ code }) => code)).toEqual(codes);
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect(code).toBe(0);
  }, 30_000);

  it('runs with the system dealing out connections, where Node has that', async () => {
    const { child, announcements } = await start({ PORT: String(await freePort()), REUSE_PORT: '1' });
    const [{ url } = { url: '' }] = announcements();
    expect(await Promise.all(Array.from({ length: 8 }, () => echoed(url)))).toEqual(Array(8).fill('hello'));
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  }, 30_000);

  it('ends when its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    undo.push(() => server.close());
    const bound = server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    await expect(start({ PORT: String(port) })).rejects.toThrow('it ended with 1');
  }, 30_000);
});
