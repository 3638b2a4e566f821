// A process of a run as the runner sees it: started from a bundle, given orders, stopped by its own pid.
// Rule: a process that ends unasked fails every order that waits, and the runner can see how it ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { bundle } from './bundle.ts';
import type { Answer, Ask, Orders } from './orders.ts';

export interface ChildOptions {
  /** The engine's module; the source by default. */
  readonly engine?: string | undefined;
  /** Most file descriptors (`ulimit -n`). */
  readonly descriptors?: number;
  /** Most MiB of V8's old space. */
  readonly heapMiB?: number;
  /** A nice value, so that a flood does not take the processor from those that are measured. */
  readonly nice?: number;
  /** The cgroup's file of processes that it is put into. */
  readonly cgroup?: string | undefined;
  /** Milliseconds that an order may take before its event loop counts as stuck; unlimited by default. */
  readonly patience?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Waiting {
  resolve(result: never): void;
  reject(error: Error): void;
}

export class Child<Known extends Orders<Known>> {
  static readonly #running = new Set<ChildProcess>();
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #patience: number | undefined;
  #asked = 0;
  /** How the process ended; resolves when it did. */
  readonly exited: Promise<Exit>;

  private constructor(path: string, options: ChildOptions) {
    const { descriptors, heapMiB, nice, cgroup, patience } = options;
    this.#patience = patience;
    const node = [
      process.execPath,
      '--expose-gc',
      '--no-warnings',
      ...(heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`]),
      path,
    ];
    const niced = nice === undefined ? node : ['nice', '-n', String(nice), ...node];
    const limited =
      descriptors === undefined
        ? niced
        : ['sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh', ...niced];
    const [command = '', ...args] = limited;
    this.#process = spawn(command, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    if (cgroup !== undefined) writeFileSync(cgroup, String(this.pid));
    this.#process.on('message', (answer: Answer) => this.#answered(answer));
    Child.#running.add(this.#process);
    this.exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        Child.#running.delete(this.#process);
        resolve({ code, signal });
        const error = new Error(`The process ended (${signal ?? code}) before it answered.`);
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
      });
    });
  }

  /** Starts the process of an entry below reliability/. */
  static async start<Known extends Orders<Known>>(
    entry: string,
    options: ChildOptions = {},
  ): Promise<Child<Known>> {
    return new Child<Known>(await bundle(entry, options.engine), options);
  }

  /** Ends every process that still runs, when a run has lost its way. */
  static stopAll(): void {
    for (const running of Child.#running) running.kill('SIGKILL');
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Gives an order. Rejects with what it threw, or when the process ends first. */
  ask<Name extends keyof Known & string>(
    order: Name,
    ...args: Parameters<Known[Name]>
  ): Promise<Awaited<ReturnType<Known[Name]>>> {
    const number = this.#asked;
    this.#asked += 1;
    const ask: Ask = { number, order, args };
    return new Promise((resolve, reject) => {
      if (!this.running) {
        const { signalCode, exitCode } = this.#process;
        reject(new Error(`The process has ended (${signalCode ?? exitCode}); "${order}" came too late.`));
        return;
      }
      this.#waiting.set(number, { resolve, reject });
      this.#process.send(ask);
      this.#limit(number, order);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Most resident memory that the process has had, in bytes; undefined where the system does not tell. */
  peakRss(): number | undefined {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
      return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    if (this.running) this.#process.kill('SIGKILL');
    await this.exited;
  }

  #limit(number: number, order: string): void {
    if (this.#patience === undefined) return;
    const stuck = new Error(
      `"${order}" was not answered within ${this.#patience} ms: the event loop is stuck.`,
    );
    const timer = setTimeout(() => this.#waiting.get(number)?.reject(stuck), this.#patience);
    timer.unref();
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if ('failed' in answer) waiting?.reject(new Error(answer.failed));
    else waiting?.resolve(answer.result);
  }
}
