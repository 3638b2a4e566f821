/**
 * The servers and clients whose reports are in docs/conformance.
 *
 * Rule: each is an echo with nothing but the settings the suite asks for: messages of 16 MiB, and
 * compression where there is any.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../official/scripts.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Agent {
  /** Also the name of its report's file. */
  readonly id: string;
  readonly name: string;
  readonly role: 'server' | 'client';
  readonly version: () => string;
  /** How it is started: a server with the port to listen on, a client with the URL to walk through. */
  readonly command: (place: string) => Command;
  /** Patterns of case ids; default all. */
  readonly only?: readonly string[];
}

/** The name of an agent in reports. */
export const labelOf = (agent: Agent): string => `${agent.name} ${agent.version()} ${agent.role}`;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Cases that a client walks through at once. */
const WIDTH = '8';

function packageVersion(folder: string): string {
  const content: unknown = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const version =
    typeof content === 'object' && content !== null && 'version' in content ? content.version : '';
  return String(version);
}

const told = new Map<string, string>();

/** The version a runtime from npm tells. @throws Error when it does not start. */
function runtimeVersion(runtime: 'bun' | 'deno'): string {
  const known = told.get(runtime);
  if (known !== undefined) return known;
  const { stdout } = spawnSync('npx', ['-y', '-p', runtime, runtime, '--version'], { encoding: 'utf8' });
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
  if (version === undefined) throw new Error(`${runtime} does not start`);
  told.set(runtime, version);
  return version;
}

const node = (...args: string[]): Command => ({ program: process.execPath, args });
const source = (file: string, ...args: string[]): Command => node('--import', 'tsx', here(file), ...args);
const npx = (runtime: string, ...args: string[]): Command => ({
  program: 'npx',
  args: ['-y', '-p', runtime, runtime, ...args],
});
const walk = here('walk.js');

const own = { name: 'framewright', version: () => packageVersion('.') } as const;
const ws = { name: 'ws', version: () => packageVersion('node_modules/ws') } as const;
const bun = { name: 'Bun', version: () => runtimeVersion('bun') } as const;
const deno = { name: 'Deno', version: () => runtimeVersion('deno') } as const;

export const agents: readonly Agent[] = [
  {
    ...own,
    id: 'framewright-server',
    role: 'server',
    command: (port) => source('../official/server.ts', port),
  },
  {
    ...own,
    id: 'framewright-client',
    role: 'client',
    command: (url) => source('../official/client.ts', url, `framewright ${own.version()} client`, WIDTH),
  },
  {
    ...own,
    id: 'framewright-node-http',
    name: 'framewright behind node:http',
    role: 'server',
    command: (port) => ({
      ...node(join(ROOT, 'examples/echo/server.js')),
      env: { PORT: port, HOST: '127.0.0.1', DEFLATE: '1' },
    }),
    only: ['beyond'],
  },
  { ...ws, id: 'ws-server', role: 'server', command: (port) => node(here('servers/ws.js'), port) },
  {
    ...ws,
    id: 'ws-client',
    role: 'client',
    command: (url) => node(walk, url, `ws ${ws.version()} client`, WIDTH, 'ws'),
  },
  {
    name: 'undici',
    version: () => packageVersion('node_modules/undici'),
    id: 'undici-client',
    role: 'client',
    command: (url) =>
      node(walk, url, `undici ${packageVersion('node_modules/undici')} client`, WIDTH, 'undici'),
  },
  { ...bun, id: 'bun-server', role: 'server', command: (port) => npx('bun', here('servers/bun.js'), port) },
  {
    ...bun,
    id: 'bun-client',
    role: 'client',
    command: (url) => npx('bun', walk, url, `Bun ${bun.version()} client`, WIDTH),
  },
  {
    ...deno,
    id: 'deno-server',
    role: 'server',
    command: (port) => npx('deno', 'run', '-A', here('servers/deno.js'), port),
  },
  {
    ...deno,
    id: 'deno-client',
    role: 'client',
    command: (url) => npx('deno', 'run', '-A', walk, url, `Deno ${deno.version()} client`, WIDTH),
  },
];
