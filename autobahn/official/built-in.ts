/**
 * The built-in suite, through its command line, against the engine's server and its client.
 *
 * Rule: each side in a process of its own, as it would be used.
 */
import { join } from 'node:path';
import { ended, freePort, portOpen, stop } from './processes.ts';
import { script } from './scripts.ts';

export interface BuiltInRun {
  readonly agent: string;
  /** Folder for the reports. */
  readonly reports: string;
  /** Patterns of case ids. */
  readonly cases: readonly string[];
}

/** How many cases the client walks through at once. */
const WALK_WIDTH = '8';

const reportOptions = (run: BuiltInRun, directory: string): string[] => [
  '--json',
  directory,
  '--html',
  join(directory, 'index.html'),
  '--only',
  run.cases.join(','),
];

async function judgeServer(run: BuiltInRun): Promise<void> {
  const port = await freePort();
  const server = script('server.ts', String(port));
  try {
    await portOpen(port, server, 30);
    const options = reportOptions(run, join(run.reports, 'servers'));
    await ended(script('../cli.ts', 'conform', `ws://127.0.0.1:${port}/`, '--agent', run.agent, ...options));
  } finally {
    await stop(server);
  }
}

async function judgeClient(run: BuiltInRun): Promise<void> {
  const port = await freePort();
  const options = reportOptions(run, join(run.reports, 'clients'));
  const suite = script('../cli.ts', 'conform', '--serve', `127.0.0.1:${port}`, '--once', ...options);
  try {
    await portOpen(port, suite, 30);
    const status = await ended(script('client.ts', `ws://127.0.0.1:${port}`, run.agent, WALK_WIDTH));
    if (status !== 0) throw new Error(`the client walk ended with ${status}`);
    await ended(suite);
  } finally {
    await stop(suite);
  }
}

export async function runBuiltIn(run: BuiltInRun): Promise<void> {
  await judgeServer(run);
  await judgeClient(run);
}
