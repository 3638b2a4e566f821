import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ENGINE = fileURLToPath(new URL('engine.js', import.meta.url));

let folder = '';
/** Where the stand-ins for Docker and Podman lie. */
const bin = (): string => join(folder, 'bin');
const reports = (): string => join(folder, 'reports');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autobahn-'));
  mkdirSync(bin());
  writeFileSync(join(bin(), 'package.json'), '{"type":"module"}');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const install = (...names: string[]): void => {
  for (const name of names) copyFileSync(ENGINE, join(bin(), name));
};
const say = (fact: string): void => writeFileSync(join(bin(), fact), '');

/** Runs `npm run autobahn` where the stand-ins come first on the PATH. */
function run(...args: string[]): Promise<{ status: number | null; output: string }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'autobahn/official/run.ts', '--reports', reports(), ...args],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        PATH: [bin(), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      },
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, output })));
}

/** What the stand-ins were told, a line each. */
const calls = (): string[] =>
  readFileSync(join(bin(), 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const words: unknown = JSON.parse(line);
      return Array.isArray(words) ? words.join(' ') : '';
    });

describe('npm run autobahn', { timeout: 60_000 }, () => {
  it('runs the official image with Docker, both ways round, and judges its reports', async () => {
    install('docker', 'podman');
    const { status, output } = await run('--only', '1.1.1,2.1,7.1.6');
    expect(output).toContain('Running the official Autobahn test suite with docker.');
    expect(output).toContain('Official suite, server: all 3 cases as expected');
    expect(output).toContain('Official suite, client: all 3 cases as expected');
    expect(status).toBe(0);
    expect(existsSync(join(reports(), 'servers', 'index.json'))).toBe(true);
    const [info, client, server, stop] = calls();
    expect(info).toBe('docker info');
    const common = `-v ${reports()}/config:/config:ro,z -v ${reports()}:/reports:z crossbario/autobahn-testsuite:25.10.1 sh -c`;
    expect(client).toMatch(/^docker run --rm --name framewright-fuzzingclient-\d+ --network host -v/);
    expect(client).toContain(
      `${common} umask 0 && exec wstest -m fuzzingclient -s /config/fuzzingclient.json`,
    );
    expect(server).toMatch(/^docker run --rm --name framewright-fuzzingserver-\d+ --network host -v/);
    expect(server).toContain(
      `${common} umask 0 && exec wstest -m fuzzingserver -s /config/fuzzingserver.json -u 0`,
    );
    expect(stop).toMatch(/^docker stop -t 5 framewright-fuzzingserver-\d+$/);
  });

  it('takes Podman when Docker is installed and does not answer', async () => {
    install('docker', 'podman');
    say('docker-down');
    say('broken');
    const { status, output } = await run('--only', '1.1.1');
    expect(output).toContain('with podman.');
    expect(output).toContain('autobahn: podman ended with 3');
    expect(status).toBe(1);
  });

  it('says that there is no engine, and runs the built-in suite', async () => {
    install('docker', 'podman');
    say('docker-down');
    say('podman-down');
    const { status, output } = await run('--only', '1.1.1,7.1.6');
    expect(output).toContain('Neither Docker nor Podman answers');
    expect(output).toContain('Built-in suite, server: all 2 cases as expected');
    expect(output).toContain('Built-in suite, client: all 2 cases as expected');
    expect(status).toBe(0);
  });
});
