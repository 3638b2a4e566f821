// The load generator's process as the runner sees it: one question, one answer, in order.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Answer, Ask } from './load/work.ts';
import { root } from './peers.ts';
import { pinned } from './server-process.ts';

export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];

  constructor(pin: boolean) {
    const [command = '', ...args] = [
      ...pinned(1, pin),
      process.execPath,
      '--import',
      'tsx',
      join(root, 'bench/load/main.ts'),
    ];
    this.#child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.shift();
      if (answer.failed === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(answer.failed));
    });
    this.#child.on('exit', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('The load generator ended.'));
    });
  }

  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(ask);
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }
}
