// A network of one's own: the run starts itself again inside a network namespace that has nothing but a loopback.
// Rule: it is used where the system allows it and said where it does not; nothing outside the namespace is changed.
import { spawnSync } from 'node:child_process';

const inside = 'FRAMEWRIGHT_NETWORK_NAMESPACE';

const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Whether this process has a network of its own. */
export const isInNamespace = (): boolean => process.env[inside] !== undefined;

/** Ways to a namespace: as root, or with a user namespace of one's own. */
const ways: readonly (readonly string[])[] = [
  ['unshare', '--net'],
  ['unshare', '--map-root-user', '--net'],
];

/** Ethernet's packet size, so that a lost packet is not a whole message. */
const setUp = 'ip link set lo mtu 1500 up && exec "$@"';

/**
 * Runs this very command again in a namespace and waits for its end.
 *
 * @returns its exit status, or undefined when there is no way to a namespace (or this process is in one already)
 */
export function runInNamespace(): number | undefined {
  if (isInNamespace() || process.platform !== 'linux') return undefined;
  const way = ways.find(([command = '', ...args]) => succeeds(command, ...args, 'ip', 'link', 'show', 'lo'));
  if (way === undefined) return undefined;
  const [command = '', ...args] = way;
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync(command, [...args, 'sh', '-c', setUp, 'sh', ...self], {
    stdio: 'inherit',
    env: { ...process.env, [inside]: '1' },
  });
  return status ?? 1;
}
