/**
 * Progress on the terminal: one line that is rewritten on a TTY, plain lines everywhere else.
 *
 * Rule: stdout gets the summary, stderr the progress, so a pipe sees only results.
 */
import { passes } from './judge.ts';
import type { CaseResult } from './result.ts';

export interface Terminal {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

const bad = (result: CaseResult): boolean => !passes(result);

export class Progress {
  readonly #terminal: Terminal;
  readonly #total: number;
  #done = 0;
  #failed = 0;

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
  }

  add(result: CaseResult): void {
    this.#done++;
    if (bad(result)) this.#failed++;
    const line = `${this.#done}/${this.#total}  ${this.#failed} not OK  ${result.id} ${result.behavior}`;
    if (this.#terminal.isTTY) this.#terminal.write(`\r\u001b[2K${line.slice(0, this.#terminal.columns - 1)}`);
    else if (bad(result)) this.#terminal.write(`${describe(result)}\n`);
    else if (this.#done % 50 === 0) this.#terminal.write(`${line}\n`);
  }

  end(): void {
    if (this.#terminal.isTTY) this.#terminal.write('\r\u001b[2K');
  }
}

/** One line about a result. */
export function describe(result: CaseResult): string {
  const { id, behavior, behaviorClose, result: why, resultClose, remoteClose } = result;
  const verdict = behavior === behaviorClose ? behavior : `${behavior}, closing ${behaviorClose}`;
  const code = remoteClose === null ? 'no Close' : `close code ${remoteClose.code ?? 'none'}`;
  return `${id}  ${verdict}: ${why} ${resultClose} (${code})`;
}

/** Counts by verdict, then each result that is not OK. */
export function summary(agent: string, results: readonly CaseResult[], seconds: number): string {
  const counts = new Map<string, number>();
  for (const { behavior } of results) counts.set(behavior, (counts.get(behavior) ?? 0) + 1);
  const words = [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
  const lines = results.filter(bad).map((result) => `  ${describe(result)}`);
  return [`${agent}: ${results.length} cases in ${seconds.toFixed(1)} s: ${words}`, ...lines].join('\n');
}
