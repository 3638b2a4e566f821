// The loopback of the run's own namespace as a bad link: packets lost at random, all packets lost, few bytes a second.
// Rule: it only works inside the namespace, and `heal` leaves the link as it was.
import { spawnSync } from 'node:child_process';
import { isInNamespace } from './namespace.ts';

function run(command: string, ...args: string[]): string | undefined {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (stderr ?? `${command} is not there`).trim();
}

function must(command: string, ...args: string[]): void {
  const problem = run(command, ...args);
  if (problem !== undefined) throw new Error(`${command} ${args.join(' ')}: ${problem}`);
}

/**
 * A filter in the packet filter language of the kernel: draw a random number, drop the packet below the share.
 * It needs no module that a small kernel might lack, as netem is one.
 */
function dropping(share: number): string {
  const loadRandom = '32 0 0 4294963256';
  const threshold = Math.min(0xffff_ffff, Math.floor(share * 0x1_0000_0000));
  const dropWhenBelow = share >= 1 ? '6 0 0 2' : `53 1 0 ${threshold}`;
  return `4,${loadRandom},${dropWhenBelow},6 0 0 2,6 0 0 0`;
}

export class Link {
  /** Why there is no link to spoil, or undefined. */
  static missing(): string | undefined {
    if (!isInNamespace()) return 'no network namespace could be made (unshare --net)';
    const problem = run('tc', 'qdisc', 'replace', 'dev', 'lo', 'clsact');
    if (problem !== undefined) return `tc cannot filter: ${problem}`;
    return run('tc', 'qdisc', 'show', 'dev', 'lo');
  }

  /** Loses this share (0 … 1) of the packets of either direction. */
  lose(share: number): void {
    const filter = ['dev', 'lo', 'egress', 'pref', '1', 'handle', '1', 'bpf', 'da', 'bytecode'];
    must('tc', 'filter', 'replace', ...filter, dropping(share));
  }

  /** Loses every packet: both ends are half open from now on. */
  cut(): void {
    this.lose(1);
  }

  /** Takes the link down. */
  down(): void {
    must('ip', 'link', 'set', 'lo', 'down');
  }

  up(): void {
    must('ip', 'link', 'set', 'lo', 'up');
  }

  /** Lets only so many kilobits a second through, all connections together. */
  throttle(kilobits: number): void {
    const limit = ['rate', `${kilobits}kbit`, 'burst', '16kb', 'limit', '64kb'];
    must('tc', 'qdisc', 'replace', 'dev', 'lo', 'root', 'tbf', ...limit);
  }

  heal(): void {
    run('tc', 'filter', 'del', 'dev', 'lo', 'egress');
    run('tc', 'qdisc', 'del', 'dev', 'lo', 'root');
    run('ip', 'link', 'set', 'lo', 'up');
  }
}
