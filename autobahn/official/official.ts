/**
 * The official suite in its container, against the engine's server and its client.
 *
 * Rule: the committed configuration is the whole configuration; only addresses, and the cases that
 * were asked for, are filled in.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Engine, hostFor, listenHost, type Mode, runArguments } from './containers.ts';
import { ended, freePort, portOpen, start, stop } from './processes.ts';
import { script } from './scripts.ts';

export interface OfficialRun {
  readonly engine: Engine;
  readonly agent: string;
  /** Folder for configuration and reports. */
  readonly reports: string;
  /** Patterns of case ids. */
  readonly cases: readonly string[];
}

/** Writes the configuration of one mode into the folder that the container sees. */
function configure(run: OfficialRun, mode: Mode, addresses: Record<string, unknown>): string {
  const config = join(run.reports, 'config');
  mkdirSync(config, { recursive: true });
  const committed: unknown = JSON.parse(
    readFileSync(fileURLToPath(new URL(`${mode}.json`, import.meta.url)), 'utf8'),
  );
  const filled = { ...Object(committed), ...addresses, cases: run.cases };
  writeFileSync(join(config, `${mode}.json`), `${JSON.stringify(filled, null, 2)}\n`);
  return config;
}

/** @throws Error when the container did not end well. Reports are in `servers`. */
async function judgeServer(run: OfficialRun): Promise<void> {
  const { engine, agent, reports } = run;
  const port = await freePort();
  const config = configure(run, 'fuzzingclient', {
    servers: [{ agent, url: `ws://${hostFor(engine)}:${port}/` }],
  });
  const server = script('server.ts', String(port), listenHost(engine));
  try {
    await portOpen(port, server, 30);
    const container = { name: `framewright-fuzzingclient-${process.pid}`, config, reports, port };
    const status = await ended(start(engine.name, runArguments(engine, 'fuzzingclient', container)));
    if (status !== 0) throw new Error(`${engine.name} ended with ${status}`);
  } finally {
    await stop(server);
  }
}

/** @throws Error when the container or the walk did not go well. Reports are in `clients`. */
async function judgeClient(run: OfficialRun): Promise<void> {
  const { engine, agent, reports } = run;
  const port = await freePort();
  const config = configure(run, 'fuzzingserver', { url: `ws://0.0.0.0:${port}` });
  const container = { name: `framewright-fuzzingserver-${process.pid}`, config, reports, port };
  const suite = start(engine.name, runArguments(engine, 'fuzzingserver', container));
  try {
    await portOpen(port, suite, 120);
    const status = await ended(script('client.ts', `ws://127.0.0.1:${port}`, agent));
    if (status !== 0) throw new Error(`the client walk ended with ${status}`);
  } finally {
    spawnSync(engine.name, ['stop', '-t', '5', container.name], { stdio: 'ignore' });
    await stop(suite);
  }
}

export async function runOfficial(run: OfficialRun): Promise<void> {
  await judgeServer(run);
  await judgeClient(run);
}
