import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Engine, hostFor, listenHost, runArguments } from '../../../autobahn/official/containers.ts';

const native: Engine = { name: 'docker', sharesNetwork: true };
const virtual: Engine = { name: 'podman', sharesNetwork: false };
const container = { name: 'suite', config: '/c', reports: '/r', port: 9001 };

describe('running the official image', () => {
  it('shares the network of the machine where it can', () => {
    expect(runArguments(native, 'fuzzingserver', container)).toContain('host');
    expect(hostFor(native)).toBe('127.0.0.1');
    expect(listenHost(native)).toBe('127.0.0.1');
  });

  it('publishes the port, and goes out by name, where containers are in a virtual machine', () => {
    const served = runArguments(virtual, 'fuzzingserver', container).join(' ');
    expect(served).toContain('-p 9001:9001');
    expect(served).not.toContain('--network');
    expect(runArguments(virtual, 'fuzzingclient', container)).not.toContain('-p');
    expect(hostFor(virtual)).toBe('host.containers.internal');
    expect(listenHost(virtual)).toBe('0.0.0.0');
  });

  it('mounts the configuration read-only and the reports', () => {
    const args = runArguments(native, 'fuzzingclient', container);
    expect(args).toContain('/c:/config:ro,z');
    expect(args).toContain('/r:/reports:z');
    expect(args.at(-1)).toContain('wstest -m fuzzingclient -s /config/fuzzingclient.json');
  });

  it.each(['fuzzingclient', 'fuzzingserver'] as const)('excludes no case in %s', (mode) => {
    const config: unknown = JSON.parse(
      readFileSync(new URL(`../../../autobahn/official/${mode}.json`, import.meta.url), 'utf8'),
    );
    expect(config).toMatchObject({ cases: ['*'], 'exclude-cases': [], 'exclude-agent-cases': {} });
    expect(config).toMatchObject({
      outdir: mode === 'fuzzingclient' ? '/reports/servers' : '/reports/clients',
    });
  });
});
