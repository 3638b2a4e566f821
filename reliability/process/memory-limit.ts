// A memory limit that the kernel enforces, where this process may make a cgroup; the peak is watched everywhere.
// Rule: the group is made for one process and removed with it.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Hierarchies of version 1 and 2, and what each calls the limit. */
const hierarchies = [
  { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { folder: '/sys/fs/cgroup', limit: 'memory.max' },
] as const;

export class MemoryLimit {
  readonly #folder: string;
  /** The file that takes the process's number. */
  readonly processes: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.processes = join(folder, 'cgroup.procs');
  }

  /** Makes a group with a limit, or returns undefined where that is not allowed. */
  static make(bytes: number): MemoryLimit | undefined {
    for (const { folder, limit } of hierarchies) {
      const group = join(folder, `framewright-${process.pid}-${Date.now()}`);
      try {
        readFileSync(join(folder, 'cgroup.procs'));
        mkdirSync(group);
      } catch {
        continue;
      }
      try {
        writeFileSync(join(group, limit), String(bytes));
        return new MemoryLimit(group);
      } catch {
        rmdirSync(group);
      }
    }
    return undefined;
  }

  remove(): void {
    try {
      rmdirSync(this.#folder);
    } catch {
      // Its last process may still be on its way out; an empty group harms nobody.
    }
  }
}
