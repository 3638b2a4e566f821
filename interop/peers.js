// The foreign engines: how each is started, and what is known to be wrong with it.
//
// A client has `start`, which gives its version, `talk(url, deflate)` and `stop`. A server has `command`; it echoes on
// the port that it prints. `probe` is a command that answers where the peer can be had, for those that Debian has not.
// `flaws` tell faults of the peer's own, and `deflate` and `without` what is done differently with compression for them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChromium } from './chromium.js';
import { startFirefox } from './firefox.js';
import { packageVersion } from './packages.js';
import { output, report } from './programs.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const installed = (name) =>
  JSON.parse(readFileSync(here(`../node_modules/${name}/package.json`), 'utf8')).version;
const npx = (name, ...command) => ['npx', '-y', '-p', name, ...command];
// Not the first python3 of the path: Debian's packages are for Debian's own.
const python = '/usr/bin/python3';

/** A client that is a program: it takes a URL, holds the conversation and prints a report. */
const program = (command, version) => ({
  start: async () => ({
    version: typeof version === 'function' ? await version() : version,
    talk: (url, deflate) => report(command[0], [...command.slice(1), url, ...(deflate ? ['deflate'] : [])]),
    stop: async () => {},
  }),
});

/** The version that a command prints. */
const told =
  ([command, ...args]) =>
  async () =>
    /[0-9]+\.[0-9]+\.[0-9]+/.exec(await output(command, args))?.[0];

const programs = new Map();

/** Builds a source file to a program, once. */
function build(source, compiler) {
  const built = programs.get(source);
  if (built !== undefined) return built;
  const folder = mkdtempSync(join(tmpdir(), 'framewright-interop-'));
  const path = join(folder, 'program');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [command, args, env] = compiler(here(source), path);
  const { status, stderr } = spawnSync(command, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${source}: ${stderr}`);
  programs.set(source, path);
  return path;
}

const builtClient = (name, source, compiler) => ({
  name,
  start: async () => program([build(source, compiler)], packageVersion(name)).start(),
});
const builtServer = (name, source, compiler) => ({
  name,
  version: packageVersion(name),
  command: () => [build(source, compiler)],
});

const go = (source, target) => [
  'go',
  ['build', '-o', target, source],
  { GO111MODULE: 'off', GOPATH: '/usr/share/gocode' },
];
const gcc = (source, target) => ['gcc', ['-O1', '-o', target, source, '-lwebsockets']];

const lwsUncompressed =
  'with permessage-deflate agreed on, its client hands every uncompressed message to the application twice or without ' +
  'end. On `81 0f 74 65 78 74 3a 20 c3 a4 e2 82 ac f0 9f 98 80`, one text of 15 bytes without RSV1, ' +
  '`LWS_CALLBACK_CLIENT_RECEIVE` comes twice, also when the bytes come from ws with `compress: false`; RFC 7692 §6 ' +
  'allows such messages. So our server compresses them all for it, and fragments and pings are left to the ' +
  'conversation without compression.';
const lwsEmpty =
  'with permessage-deflate agreed on, sending an empty message ends the process with an assertion ("want to trim out ' +
  'length 0"). So "empty" is left to the conversation without compression.';
const browserLike = here('clients/browser-like.js');

/** Foreign clients for our server. */
export const clients = [
  { name: 'ws', ...program(['node', browserLike, 'ws'], installed('ws')) },
  { name: 'undici WebSocket', ...program(['node', browserLike, 'undici'], installed('undici')) },
  { name: 'undici WebSocketStream', ...program(['node', here('clients/stream.js')], installed('undici')) },
  ...['22', '24', '26'].map((line) => ({
    name: `Node ${line}, global WebSocket`,
    probe: npx(`node@${line}`, 'node', '--version'),
    ...program(
      npx(`node@${line}`, 'node', browserLike, 'global'),
      told(npx(`node@${line}`, 'node', '--version')),
    ),
  })),
  {
    name: 'Bun',
    probe: npx('bun', 'bun', '--version'),
    ...program(npx('bun', 'bun', browserLike, 'global'), told(npx('bun', 'bun', '--version'))),
  },
  {
    name: 'Deno',
    probe: npx('deno', 'deno', '--version'),
    ...program(
      npx('deno', 'deno', 'run', '-A', browserLike, 'global'),
      told(npx('deno', 'deno', '--version')),
    ),
  },
  { name: 'Python websockets', ...program([python, here('clients/websockets.py')]) },
  { name: 'Python aiohttp', ...program([python, here('clients/aiohttp_client.py')]) },
  { name: 'Python Tornado', ...program([python, here('clients/tornado_client.py')]) },
  { name: 'JDK HttpClient', ...program(['java', here('clients/Jdk.java')]) },
  builtClient('Go gorilla', 'clients/gorilla.go', go),
  builtClient('Go nhooyr', 'clients/nhooyr.go', go),
  {
    ...builtClient('libwebsockets', 'clients/libwebsockets.c', gcc),
    flaws: [lwsUncompressed, lwsEmpty],
    deflate: { threshold: 0 },
  },
  { name: 'Chromium', start: () => startChromium('/usr/bin/chromium') },
  { name: 'Firefox', start: () => startFirefox('/usr/bin/firefox-esr') },
];

/** Foreign servers for our client. */
export const servers = [
  { name: 'ws', version: installed('ws'), command: () => ['node', here('servers/ws.js')] },
  { name: 'Python websockets', command: () => [python, here('servers/websockets.py')] },
  { name: 'Python aiohttp', command: () => [python, here('servers/aiohttp_server.py')] },
  { name: 'Python Tornado', command: () => [python, here('servers/tornado_server.py')] },
  { name: 'uvicorn', command: () => [python, here('servers/uvicorn_server.py')] },
  builtServer('Go gorilla', 'servers/gorilla.go', go),
  builtServer('Go nhooyr', 'servers/nhooyr.go', go),
  {
    ...builtServer('libwebsockets', 'servers/libwebsockets.c', gcc),
    flaws: [lwsEmpty],
    without: ['empty'],
  },
  ...[
    ['Bun', npx('bun', 'bun'), 'bun', []],
    ['Deno', npx('deno', 'deno'), 'deno', ['run', '--allow-net']],
  ].map(([name, start, tool, args]) => ({
    name,
    probe: [...start, '--version'],
    version: told([...start, '--version']),
    command: () => [...start, ...args, here(`servers/${tool}.js`)],
  })),
];
