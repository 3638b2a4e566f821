/**
 * Finds a container engine and says how the official image is run with it.
 *
 * Rule: an engine counts only when it answers `info`; an installed command whose daemon is down
 * is no engine.
 */
import { spawnSync } from 'node:child_process';

export interface Engine {
  readonly name: 'docker' | 'podman';
  /** Containers can share the network of this machine. Elsewhere they run in a virtual machine. */
  readonly sharesNetwork: boolean;
}

const { AUTOBAHN_IMAGE: IMAGE = 'crossbario/autobahn-testsuite:25.10.1' } = process.env;

export function findEngine(platform: NodeJS.Platform = process.platform): Engine | null {
  for (const name of ['docker', 'podman'] as const) {
    const { status, stdout } = spawnSync(name, ['info'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
      timeout: 20_000,
    });
    if (status === 0) return { name, sharesNetwork: platform === 'linux' && !/Docker Desktop/.test(stdout) };
  }
  return null;
}

const HOST_NAMES = { docker: 'host.docker.internal', podman: 'host.containers.internal' } as const;

/** How a container names this machine. */
export const hostFor = ({ name, sharesNetwork }: Engine): string =>
  sharesNetwork ? '127.0.0.1' : HOST_NAMES[name];

/** Where a server on this machine has to listen for a container to reach it. */
export const listenHost = ({ sharesNetwork }: Engine): string => (sharesNetwork ? '127.0.0.1' : '0.0.0.0');

export type Mode = 'fuzzingclient' | 'fuzzingserver';

export interface Container {
  readonly name: string;
  /** Folder with the configuration of the mode. */
  readonly config: string;
  /** Folder for the reports. */
  readonly reports: string;
  /** Port that a fuzzingserver listens on. */
  readonly port: number;
}

/** The suite inside the container. Its reports are made by root there, and have to be ours to delete. */
function suiteCommand(mode: Mode): string[] {
  // The web server that comes with fuzzingserver would take port 8080; 0 leaves it out.
  const more = mode === 'fuzzingserver' ? ' -u 0' : '';
  return ['sh', '-c', `umask 0 && exec wstest -m ${mode} -s /config/${mode}.json${more}`];
}

/** Arguments of the engine that run one mode of the suite. */
export function runArguments(
  engine: Engine,
  mode: Mode,
  { name, config, reports, port }: Container,
): string[] {
  const published = mode === 'fuzzingserver' ? ['-p', `${port}:${port}`] : [];
  const network = engine.sharesNetwork ? ['--network', 'host'] : published;
  const mounts = ['-v', `${config}:/config:ro,z`, '-v', `${reports}:/reports:z`];
  return ['run', '--rm', '--name', name, ...network, ...mounts, IMAGE, ...suiteCommand(mode)];
}
