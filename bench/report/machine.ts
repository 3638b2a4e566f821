// Where and with what was measured: without this a figure says nothing.
import { spawnSync } from 'node:child_process';
import { cpus, platform, release, totalmem } from 'node:os';
import { executableOf, findPeer, measuredBuild, packageVersion } from '../peers.ts';

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** The Node that ran the servers. */
  readonly node: string;
  /** Name and version of every other engine and runtime that took part. */
  readonly versions: Readonly<Record<string, string>>;
}

const versionOf = (command: string): string =>
  spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0]?.trim() ?? 'unknown';

export function describeMachine(peers: readonly string[], node: string): Machine {
  const versions = new Map([['node of the load generator', process.version]]);
  for (const name of peers) {
    const peer = findPeer(name);
    if (peer.runtime !== 'node')
      versions.set(peer.title, versionOf(executableOf(peer, node) ?? peer.runtime));
    else if (peer.entry !== undefined) versions.set(peer.name, peer.entry);
    else if (name.startsWith('framewright')) {
      versions.set('framewright', `${packageVersion('framewright')}, ${measuredBuild().described}`);
    } else if (name.startsWith('ws')) versions.set('ws', packageVersion('ws'));
    if (name === 'ws-native') versions.set('bufferutil', packageVersion('bufferutil'));
  }
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()}`,
    node: versionOf(node),
    versions: Object.fromEntries(versions),
  };
}
