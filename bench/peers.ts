// The engines that are compared: how each is started, and whether it is here at all.
// Rule: a peer that is missing is skipped with a note; nothing is installed on the fly.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Scenario } from './scenarios.ts';

export interface Peer {
  /** As given on the command line. */
  readonly name: string;
  readonly title: string;
  readonly runtime: 'node' | 'bun' | 'deno';
  /** A file of servers/. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** Sends the bytes back as they are: no handshake, no frames. */
  readonly raw: boolean;
  /** framewright only: the module that is measured, a path; undefined for the package's own build. */
  readonly entry?: string;
}

export const root = fileURLToPath(new URL('..', import.meta.url));

const peer = (name: string, title: string, more: Partial<Peer> = {}): Peer => ({
  name,
  title,
  runtime: 'node',
  file: `${name}.js`,
  env: {},
  raw: false,
  ...more,
});

const known: readonly Peer[] = [
  peer('framewright', 'framewright (listen)'),
  peer('framewright-http', 'framewright (node:http)'),
  peer('framewright-1', 'framewright, 1 process', {
    file: 'framewright-cluster.js',
    env: { PROCESSES: '1' },
  }),
  peer('framewright-2', 'framewright, 2 processes', {
    file: 'framewright-cluster.js',
    env: { PROCESSES: '2' },
  }),
  peer('ws', 'ws', { env: { WS_NO_BUFFER_UTIL: '1' } }),
  peer('ws-native', 'ws + bufferutil', { file: 'ws.js' }),
  peer('ws-strings', 'ws, text as strings', {
    file: 'ws.js',
    env: { WS_NO_BUFFER_UTIL: '1', BENCH_TEXT: 'string' },
  }),
  peer('net', 'bare net echo', { raw: true }),
  peer('bun', 'Bun', { runtime: 'bun' }),
  peer('deno', 'Deno', { runtime: 'deno' }),
];

export const defaultPeers = ['framewright', 'framewright-http', 'ws', 'ws-native', 'net'];

/** The build that a framewright peer measures when none is named, and in which words the report says so. */
export function measuredBuild(): { path: string; loader: readonly string[]; described: string } {
  const built = join(root, 'dist/index.js');
  if (existsSync(built)) {
    return {
      path: built,
      loader: [],
      described: `dist/ built ${statSync(built).mtime.toISOString().slice(0, 16)}Z`,
    };
  }
  return {
    path: join(root, 'src/index.ts'),
    loader: ['--import', 'tsx'],
    described: 'src/ through tsx (no build found)',
  };
}

/** `framewright@/path/dist/index.js` measures another build under that name. Throws for a name nobody knows. */
export function findPeer(name: string): Peer {
  const [base = '', entry] = name.split('@');
  const found = known.find((candidate) => candidate.name === base);
  if (found === undefined)
    throw new Error(`Unknown peer "${name}". Known: ${known.map((one) => one.name).join(', ')}.`);
  return entry === undefined ? found : { ...found, name, title: `${found.title}, ${entry}`, entry };
}

function onPath(command: string): string | undefined {
  const { PATH = '' } = process.env;
  const folders = [join(root, 'node_modules/.bin'), ...PATH.split(delimiter)];
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
}

/** The executable of the peer's runtime, or undefined when it is not installed. */
export function executableOf({ runtime }: Peer, node: string): string | undefined {
  return runtime === 'node' ? node : onPath(runtime);
}

/** Why a peer sits out a row; undefined when it takes part. */
export function sitsOut(peer: Peer, scenario: Scenario): string | undefined {
  if (peer.raw && (scenario.deflate !== undefined || !['echo', 'idle'].includes(scenario.kind)))
    return 'raw bytes only';
  if ('PROCESSES' in peer.env && !['echo', 'handshakes', 'idle'].includes(scenario.kind))
    return 'what is counted lies in several processes';
  if (peer.runtime === 'deno' && scenario.deflate !== undefined) return 'has no compression';
  return undefined;
}

/** The version of an installed package, for the report. */
export function packageVersion(name: string): string {
  const path = name === 'framewright' ? 'package.json' : `node_modules/${name}/package.json`;
  const manifest: { version?: string } = JSON.parse(readFileSync(join(root, path), 'utf8'));
  return manifest.version ?? 'unknown';
}
