/** docs/client.md: every block runs and prints what it says, every option is there with its default. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect as connectNet } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { type ContextHandler, listen, type Server } from 'framewright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveOptions } from '../../src/framework/client/options.ts';
import { selfSigned } from '../framework/client/certificate.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const text = read('docs/client.md');
const blocks = [...text.matchAll(/^```(js|ts)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
  language,
  code,
}));

const folder = mkdtempSync(join(tmpdir(), 'framewright-docs-'));
const { key, cert } = selfSigned('DNS:localhost');
const socketPath = join(folder, 'app.sock');
const undo: (() => unknown)[] = [];
let replacements: readonly (readonly [from: string, to: string])[] = [];

const echo: ContextHandler = (context) =>
  context.upgrade(async (connection) => {
    for await (const message of connection) await connection.send(message);
  });

/** A feed of three numbered messages that loses its first reader after two of them. */
function feed(): ContextHandler {
  let readers = 0;
  return (context) =>
    context.upgrade(async (connection) => {
      readers += 1;
      const isFirst = readers === 1;
      const { resumeAfter } = JSON.parse(String(await connection.recv()));
      // It resumes one too early, which it may.
      for (const [index, part] of ['one', 'two', 'the end'].entries()) {
        if (index + 1 < resumeAfter || connection.state !== 'open') continue;
        await connection.send(JSON.stringify({ id: index + 1, text: part }));
        if (isFirst && index === 1) await connection.close(1012);
      }
      await connection.closed;
    });
}

async function serve(address: Parameters<typeof listen>[0], tls?: object): Promise<Server> {
  const routes: Readonly<Record<string, ContextHandler>> = {
    '/ws': echo,
    '/feed': address === 'localhost:0' ? feed() : echo,
    '/private': (context) => context.reject(401, 'no entry'),
    '/old': (context) => context.reject(302, '', { location: '/ws' }),
    '/silent': () => new Promise<never>(() => {}),
    '/leaving': (context) =>
      context.upgrade(async (connection) => {
        await connection.send('bye');
        await connection.close(1001, 'going away');
      }),
  };
  const config = { subprotocols: ['v2'], perMessageDeflate: true, handshakeTimeout: 3_000 };
  const server = await listen(address, routes, tls === undefined ? config : { ...config, tls });
  undo.push(() => server.close({ timeout: 100 }));
  return server;
}

/** A proxy that knows CONNECT. */
async function serveProxy(): Promise<number> {
  const server = createServer();
  server.on('connect', (request, socket) => {
    const [host, port] = (request.url ?? '').split(':');
    const onward = connectNet(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  undo.push(() => server.close());
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}

/** Runs a block in a process of its own, as if it lay in the repository. @returns what it printed */
async function run(language: string, block: string): Promise<string[]> {
  let code = block;
  for (const [from, to] of replacements) code = code.replaceAll(from, to);
  if (language === 'ts') ({ code } = await transform(code, { loader: 'ts', target: 'node20' }));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    timeout: 20_000,
  });
  return stdout.split('\n').filter((line) => line !== '');
}

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), cert);
  const plain = await serve('localhost:0');
  const secure = await serve('localhost:0', { key, cert });
  await serve({ path: socketPath });
  replacements = [
    ['localhost:4040', `localhost:${plain.port}`],
    ['localhost:4043', `localhost:${secure.port}`],
    ['localhost:3128', `localhost:${await serveProxy()}`],
    ['/run/app.sock', socketPath],
    ['ca.pem', join(folder, 'ca.pem')],
    // So that nobody has to wait.
    ['signal: stop.signal', 'signal: stop.signal, firstDelay: 10, restartDelay: [0, 10]'],
  ];
});

afterAll(async () => {
  await Promise.all(undo.map((step) => step()));
  rmSync(folder, { recursive: true });
});

describe('the blocks of docs/client.md', () => {
  /** What is printed by lines that do not say it in a comment. */
  const silent: Readonly<Record<string, readonly string[]>> = {
    subprotocols: ["v2 [ 'permessage-deflate' ]"],
    '/private': ['401 text/plain; charset=utf-8 no entry'],
    '/leaving': ['bye'],
    '/silent': ['ended'],
    'through(': ['hello through the proxy'],
    reconnecting: ['one', 'two', 'the end'],
  };
  for (const { language, code } of blocks) {
    const name = Object.keys(silent).find((part) => code.includes(part));
    const told = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line = '']) => line);
    it(`prints what it says: ${code.split('\n').find((line) => /await (?:connect|using|of)|reconnecting\(|= connect/.test(line))}`, async () => {
      const expected = [...told, ...(name === undefined ? [] : (silent[name] ?? []))];
      expect((await run(language, code)).sort()).toEqual(expected.sort());
    });
  }

  it('are all there', () => {
    expect(blocks.length).toBeGreaterThan(12);
    expect(text.match(/^```/gm)).toHaveLength(2 * blocks.length);
  });
});

describe('the options of docs/client.md', () => {
  const rows = new Map(
    [...text.matchAll(/^\| `(\w+)` \| ([^|]*(?:\\\|[^|]*)*) \| ([^|]+) \|/gm)].map(
      ([, name = '', , fallback = '']) => [name, fallback.trim()],
    ),
  );
  const fieldsOf = (path: string, name: string): string[] => {
    const [, body = ''] = new RegExp(`^export interface ${name} .*?{\\n(.*?)^}`, 'ms').exec(read(path)) ?? [];
    return [...body.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, field = '']) => field);
  };

  it('are those that the code knows', () => {
    const onlyServer = ['acceptUnmaskedFrames', 'origins', 'allowedHosts'];
    const known = [
      ...fieldsOf('src/framework/config.ts', 'Config'),
      ...fieldsOf('src/framework/client/options.ts', 'ConnectOptions'),
      ...fieldsOf('src/framework/reconnecting.ts', 'ReconnectingOptions'),
    ];
    expect(known.length).toBeGreaterThan(25);
    expect([...rows.keys()].sort()).toEqual(
      [...new Set(known)].filter((one) => !onlyServer.includes(one)).sort(),
    );
    for (const name of onlyServer) expect(text).toContain(`\`${name}\``);
  });

  it('have the defaults that it says', () => {
    const { config, followRedirects } = resolveOptions({});
    const { handshakeTimeout, settings } = config;
    const actual = Object.entries({ ...settings, handshakeTimeout, followRedirects });
    const shown = (value: unknown): string =>
      typeof value === 'string'
        ? `\`'${value}'\``
        : value === Infinity
          ? 'off'
          : Number(value).toLocaleString('en-US');
    const checked = actual.filter(([name]) => rows.has(name));
    expect(checked.length).toBeGreaterThan(10);
    for (const [name, value] of checked) expect([name, rows.get(name)]).toEqual([name, shown(value)]);
  });
});
