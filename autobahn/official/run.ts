/**
 * `npm run autobahn`: the official suite where there is a container engine, the built-in one
 * everywhere, against the engine's server and its client.
 *
 * `--built-in` runs the built-in one even where there is an engine.
 *
 * Rule: both suites must give the committed baseline `expected.json`, and nothing but OK.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Baseline, checkIndex, readBaseline } from './check-index.ts';
import { type Engine, findEngine, hostFor, listenHost, runArguments } from './containers.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const ROOT = here('../..');
const REPORTS = join(ROOT, 'reports', 'autobahn');
const AGENT = 'framewright';
const SERVER_PORT = 9002;
const SUITE_PORT = 9001;

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** A script of this folder as a child process. */
const script = (file: string, ...args: string[]): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', here(file), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    cwd: ROOT,
  });

const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await ended(child);
}

const tryPort = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function portOpen(port: number, seconds: number): Promise<void> {
  for (let tries = 0; tries < seconds * 5; tries++) {
    if (await tryPort(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`nothing listens on port ${port} after ${seconds} s`);
}

function judge(what: string, file: string, baseline: Baseline): boolean {
  const faults = checkIndex(readJson(file), AGENT, baseline);
  console.log(
    faults.length === 0
      ? `${what}: all ${Object.keys(baseline).length} cases as expected`
      : `${what}: not as expected`,
  );
  for (const fault of faults) console.log(`  ${fault}`);
  return faults.length === 0;
}

/** The committed configuration, with the address by which a container reaches this machine. */
function writeConfig(engine: Engine): string {
  const directory = join(REPORTS, 'config');
  mkdirSync(directory, { recursive: true });
  for (const name of ['fuzzingclient.json', 'fuzzingserver.json']) {
    const text = readFileSync(here(name), 'utf8').replaceAll('127.0.0.1', hostFor(engine));
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

async function officialServers(engine: Engine, mounts: { config: string; reports: string }): Promise<void> {
  const server = script('server.ts', String(SERVER_PORT), listenHost);
  try {
    await portOpen(SERVER_PORT, 30);
    const run = spawn(engine, runArguments('fuzzingclient', mounts, 'framewright-fuzzingclient'), {
      stdio: 'inherit',
    });
    const status = await ended(run);
    if (status !== 0) throw new Error(`${engine} ended with ${status}`);
  } finally {
    await stop(server);
  }
}

async function officialClients(engine: Engine, mounts: { config: string; reports: string }): Promise<void> {
  const name = 'framewright-fuzzingserver';
  const suite = spawn(engine, runArguments('fuzzingserver', mounts, name), { stdio: 'inherit' });
  try {
    await portOpen(SUITE_PORT, 120);
    const status = await ended(script('client.ts', `ws://127.0.0.1:${SUITE_PORT}`, AGENT));
    if (status !== 0) throw new Error(`the client walk ended with ${status}`);
  } finally {
    spawnSync(engine, ['stop', '-t', '5', name], { stdio: 'ignore' });
    await stop(suite);
  }
}

async function official(engine: Engine, baseline: Baseline): Promise<boolean> {
  console.log(`Running the official Autobahn test suite with ${engine}.`);
  const mounts = { config: writeConfig(engine), reports: REPORTS };
  await officialServers(engine, mounts);
  await officialClients(engine, mounts);
  const server = judge('Official suite, server', join(REPORTS, 'servers', 'index.json'), baseline);
  return judge('Official suite, client', join(REPORTS, 'clients', 'index.json'), baseline) && server;
}

/** The cases of the original only: they are what the baseline is about. */
const ORIGINAL = ['--only', 'autobahn'];

async function builtInServers(): Promise<void> {
  const server = script('server.ts', String(SERVER_PORT));
  try {
    await portOpen(SERVER_PORT, 30);
    const directory = join(REPORTS, 'built-in', 'servers');
    const args = ['conform', `ws://127.0.0.1:${SERVER_PORT}/`, '--agent', AGENT, '--json', directory];
    await ended(script('../cli.ts', ...args, '--html', join(directory, 'index.html'), ...ORIGINAL));
  } finally {
    await stop(server);
  }
}

async function builtInClients(): Promise<void> {
  const directory = join(REPORTS, 'built-in', 'clients');
  const args = ['conform', '--serve', `127.0.0.1:${SUITE_PORT}`, '--once', '--json', directory];
  const suite = script('../cli.ts', ...args, '--html', join(directory, 'index.html'), ...ORIGINAL);
  try {
    await portOpen(SUITE_PORT, 30);
    await ended(script('client.ts', `ws://127.0.0.1:${SUITE_PORT}`, AGENT, '8'));
    await ended(suite);
  } finally {
    await stop(suite);
  }
}

async function builtIn(baseline: Baseline): Promise<boolean> {
  await builtInServers();
  await builtInClients();
  const server = judge(
    'Built-in suite, server',
    join(REPORTS, 'built-in', 'servers', 'index.json'),
    baseline,
  );
  return (
    judge('Built-in suite, client', join(REPORTS, 'built-in', 'clients', 'index.json'), baseline) && server
  );
}

const baseline = readBaseline(readJson(here('../expected.json')));
rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
const builtInAsked = process.argv.includes('--built-in');
const engine = builtInAsked ? null : findEngine();
if (engine === null && !builtInAsked) {
  console.log('Neither Docker nor Podman answers, so the official image cannot run here.');
  console.log('Running the built-in suite instead: the same 517 cases.');
}
const passed = engine === null ? await builtIn(baseline) : await official(engine, baseline);
process.exitCode = passed ? 0 : 1;
