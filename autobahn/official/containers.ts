/**
 * Finds a container engine and runs the official image with it.
 *
 * Rule: an engine counts only when it answers `info`; an installed command whose daemon is down
 * is no engine.
 */
import { spawnSync } from 'node:child_process';

export type Engine = 'docker' | 'podman';

const { AUTOBAHN_IMAGE: IMAGE = 'crossbario/autobahn-testsuite:25.10.1' } = process.env;

/** The name under which a container reaches this machine where it cannot share its network. */
const HOST_NAMES: Record<Engine, string> = {
  docker: 'host.docker.internal',
  podman: 'host.containers.internal',
};

export function findEngine(): Engine | null {
  const engines: readonly Engine[] = ['docker', 'podman'];
  return (
    engines.find(
      (engine) => spawnSync(engine, ['info'], { stdio: 'ignore', timeout: 20_000 }).status === 0,
    ) ?? null
  );
}

/** On Linux the container shares the network of the machine; elsewhere engines run in a virtual one. */
const sharesNetwork = process.platform === 'linux';

/** How a container names this machine. */
export const hostFor = (engine: Engine): string => (sharesNetwork ? '127.0.0.1' : HOST_NAMES[engine]);
/** Where a server on this machine has to listen for a container to reach it. */
export const listenHost = sharesNetwork ? '127.0.0.1' : '0.0.0.0';

interface Mounts {
  readonly config: string;
  readonly reports: string;
}

/** Arguments of `run` for one mode of wstest. */
export function runArguments(
  mode: 'fuzzingclient' | 'fuzzingserver',
  mounts: Mounts,
  name: string,
): string[] {
  const network = sharesNetwork ? ['--network', 'host'] : mode === 'fuzzingserver' ? ['-p', '9001:9001'] : [];
  return [
    'run',
    '--rm',
    '--name',
    name,
    ...network,
    '-v',
    `${mounts.config}:/config:ro,z`,
    '-v',
    `${mounts.reports}:/reports:z`,
    IMAGE,
    'wstest',
    '-m',
    mode,
    '-s',
    `/config/${mode}.json`,
  ];
}
