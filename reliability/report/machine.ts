// Where and with what a run was made: without this its figures say nothing.
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { relative } from 'node:path';
import { packageVersion } from '../../bench/peers.ts';
import { defaultEngine, root } from '../process/bundle.ts';

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Processes that wanted a core in the last minute, others included. */
  readonly load: number;
  readonly system: string;
  readonly node: string;
  readonly engine: string;
}

export function describeMachine(engine = defaultEngine): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    system: `${platform()} ${release()}`,
    node: process.version,
    engine: `framewright ${packageVersion('framewright')}, ${relative(root, engine)} bundled by esbuild`,
  };
}
