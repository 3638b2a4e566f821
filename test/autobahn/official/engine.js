#!/usr/bin/env node
// Stands in for Docker or Podman: runs the built-in suite in the place of the official image, from the same arguments,
// configuration and folders. Its state is the folder it lies in: `calls` lists what it was told, a file `down` says
// that it does not answer, a file `broken` that containers end with status 3.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [, self, verb, ...args] = process.argv;
const folder = dirname(self);
const name = basename(self);
appendFileSync(join(folder, 'calls'), `${JSON.stringify([name, verb, ...args])}\n`);
if (existsSync(join(folder, `${name}-down`))) process.exit(1);

/** The folder of this machine that a container sees under a name. */
const mounted = (inside) => args.find((arg) => arg.includes(`:${inside}:`))?.split(':')[0];

function contain() {
  if (existsSync(join(folder, 'broken'))) process.exit(3);
  const [, mode, file] = /wstest -m (\w+) -s \/config\/([\w.]+)/.exec(args.at(-1)) ?? [];
  const config = JSON.parse(readFileSync(join(mounted('/config'), file), 'utf8'));
  const json = config.outdir.replace('/reports', mounted('/reports'));
  const common = ['--json', json, '--only', config.cases.join(',')];
  if (mode === 'fuzzingclient') {
    const [{ agent, url }] = config.servers;
    run([url, '--agent', agent, ...common]);
    return;
  }
  writeFileSync(join(folder, 'pid'), String(process.pid));
  run(['--serve', `127.0.0.1:${new URL(config.url).port}`, '--once', ...common]);
}

function run(options) {
  const cli = ['--import', 'tsx', 'autobahn/cli.ts', 'conform', ...options];
  spawnSync(process.execPath, cli, { stdio: ['ignore', 'ignore', 'inherit'] });
}

if (verb === 'run') contain();
