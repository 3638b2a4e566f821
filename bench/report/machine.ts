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
  /** Name and version of every engine and runtime that took part. */
  readonly versions: Readonly<Record<string, string>>;
}

const versionOf = (command: string): string =>
  spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0]?.trim() ?? 'unknown';

export function describeMachine(peers: readonly string[], node: string): Machine {
  const versions: Record<string, string> = {
    node: versionOf(node),
    'node of the load generator': process.version,
  };
  for (const name of peers) {
    const peer = findPeer(name);
    if (peer.runtime !== 'node') versions[peer.title] = versionOf(executableOf(peer, node) ?? peer.runtime);
    else if (peer.entry !== undefined) versions[peer.name] = peer.entry;
    else if (name.startsWith('framewright')) {
      versions['framewright'] = `${packageVersion('framewright')}, ${measuredBuild().described}`;
    } else if (name.startsWith('ws')) versions['ws'] = packageVersion('ws');
    if (name === 'ws-native') versions['bufferutil'] = packageVersion('bufferutil');
  }
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()}`,
    versions,
  };
}
