/** The client's examples as programs. They import the package as users do, so the build is what runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectNet } from 'node:net';
import { fileURLToPath } from 'node:url';
import { listen } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const undo: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(undo.splice(0).map((step) => step()));
});

interface Program {
  readonly child: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** How it ended. */
  readonly ended: Promise<number | null>;
}

function start(
  file: string,
  args: readonly string[] = [],
  environment: Record<string, string> = {},
): Program {
  const child = spawn(process.execPath, [`examples/client/${file}`, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  undo.push(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  return { child, output: () => output, ended };
}

describe('the client’s examples', () => {
  it('echo.js echoes', async () => {
    const program = start('echo.js');
    expect(await program.ended).toBe(0);
    expect(program.output()).toBe('hello 1000\n');
  });

  it('feed.js says where to go on, leaves out what it has, and ends on Ctrl+C', async () => {
    const asked: unknown[] = [];
    const closed: number[] = [];
    const server = await listen('localhost:0', {
      '/feed': (context) =>
        context.upgrade(async (connection) => {
          asked.push(JSON.parse(String(await connection.recv())));
          for (const id of [1, 2, 2, 3]) await connection.send(JSON.stringify({ id, text: `message ${id}` }));
          closed.push((await connection.closed).code);
        }),
    });
    undo.push(() => server.close({ timeout: 100 }));
    const program = start('feed.js', [`${server.url}/feed`]);
    while (!program.output().includes('message 3')) await new Promise((go) => setTimeout(go, 10));
    program.child.kill('SIGINT');
    expect(await program.ended).toBe(0);
    expect(program.output()).toBe('message 1\nmessage 2\nmessage 3\n');
    expect(asked).toEqual([{ resumeAfter: 0 }]);
    expect(closed).toEqual([1000]);
  });

  it('proxy.js speaks through a proxy', async () => {
    const server = await listen('localhost:0', (context) =>
      context.upgrade(async (connection) => {
        for await (const message of connection) await connection.send(message);
      }),
    );
    undo.push(() => server.close({ timeout: 100 }));
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      const onward = connectNet(server.port, 'localhost', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, 'localhost', resolve));
    undo.push(() => proxy.close());
    const bound = proxy.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    const program = start('proxy.js', [`${server.url}/`], { PROXY: `http://localhost:${port}` });
    expect(await program.ended).toBe(0);
    expect(program.output()).toBe('hello through the proxy\n');
    expect(asked).toEqual([`localhost:${server.port}`]);
  });
});
