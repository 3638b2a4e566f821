// The report of a run: lines on the terminal, JSON and Markdown in files.
// Rule: every gate is in all of them, the missed ones too.
import { writeFileSync } from 'node:fs';
import { Child } from '../process/child.ts';
import { type Check, held, type Outcome } from './check.ts';
import { describeMachine, type Machine } from './machine.ts';

export interface Report {
  readonly title: string;
  readonly machine: Machine;
  readonly notes: readonly string[];
  readonly outcomes: readonly Outcome[];
}

export interface ReportFiles {
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

/** Milliseconds that one thing may take. */
const longestRun = 10 * 60_000;

const verdict = (outcome: Outcome): string =>
  outcome.skipped === undefined ? (held(outcome) ? 'held' : 'MISSED') : 'skipped';

const checkLine = ({ gate, measured, allowed, held }: Check): string =>
  `    ${held ? 'ok    ' : 'MISSED'} ${gate}: ${measured} (${allowed})`;

/** One outcome for the terminal: the missed gates always, all of them when asked. */
export function describe(outcome: Outcome, verbose: boolean): string {
  const { name, title, seconds, checks, notes, skipped } = outcome;
  const shown = checks.filter((check) => verbose || !check.held);
  return [
    `${verdict(outcome).padEnd(7)} ${name}: ${title} (${checks.filter((one) => one.held).length}/${checks.length} gates, ${seconds.toFixed(1)} s)`,
    ...(skipped === undefined ? [] : [`    ${skipped}`]),
    ...shown.map(checkLine),
    ...notes.map((note) => `    ${note}`),
  ].join('\n');
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function outcomeMarkdown(outcome: Outcome): string {
  const { name, title, checks, notes, skipped } = outcome;
  const table = [
    row(['gate', 'measured', 'allowed', '']),
    row(['---', '---', '---', '---']),
    ...checks.map(({ gate, measured, allowed, held }) =>
      row([gate, measured, allowed, held ? 'held' : '**missed**']),
    ),
  ];
  return [
    `## ${name}: ${title}`,
    '',
    ...(skipped === undefined ? [] : [`Skipped: ${skipped}`, '']),
    ...(checks.length === 0 ? [] : [...table, '']),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

export function markdownReport({ title, machine, notes, outcomes }: Report): string {
  const { date, processor, cores, memoryGiB, load, system, node, engine } = machine;
  return [
    `# ${title}`,
    '',
    `${date}, ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}; ${engine}. Load average at the start ${load}.`,
    '',
    ...notes.map((note) => `${note}\n`),
    ...outcomes.map((outcome) => `${outcomeMarkdown(outcome)}\n`),
  ].join('\n');
}

/** Runs one thing after another, says how each went, writes the files after each. */
export class Reporter {
  readonly #files: ReportFiles;
  readonly #verbose: boolean;
  readonly #patience: number;
  readonly #title: string;
  readonly #machine: Machine;
  readonly #notes: readonly string[];
  readonly #outcomes: Outcome[] = [];

  /** @param expected milliseconds that a run is meant to take */
  constructor(
    title: string,
    notes: readonly string[],
    files: ReportFiles,
    verbose: boolean,
    engine: string | undefined,
    expected = 0,
  ) {
    this.#title = title;
    this.#notes = notes;
    this.#files = files;
    this.#verbose = verbose;
    this.#patience = longestRun + expected;
    this.#machine = describeMachine(engine);
    for (const note of notes) console.log(note);
  }

  skip(name: string, title: string, skipped: string): void {
    this.#take({ name, title, seconds: 0, checks: [], notes: [], skipped });
  }

  /** A run that throws is an outcome too: a missed one. */
  async run(
    name: string,
    title: string,
    play: () => Promise<{ checks: readonly Check[]; notes: readonly string[] }>,
  ): Promise<void> {
    const begun = Date.now();
    const seconds = (): number => (Date.now() - begun) / 1_000;
    // Ends what it waits for, so that it fails instead of waiting for ever.
    const watchdog = setTimeout(() => Child.stopAll(), this.#patience);
    try {
      const { checks, notes } = await play();
      this.#take({ name, title, seconds: seconds(), checks, notes });
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const broke = {
        gate: 'the run came to its end',
        measured: text,
        allowed: 'yes',
        held: false,
        timed: false,
      };
      this.#take({ name, title, seconds: seconds(), checks: [broke], notes: [] });
    } finally {
      clearTimeout(watchdog);
    }
  }

  get missed(): number {
    return this.#outcomes.flatMap(({ checks }) => checks).filter((check) => !check.held).length;
  }

  #take(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    console.log(describe(outcome, this.#verbose));
    const report: Report = {
      title: this.#title,
      machine: this.#machine,
      notes: this.#notes,
      outcomes: this.#outcomes,
    };
    const { json, markdown } = this.#files;
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`);
    if (markdown !== undefined) writeFileSync(markdown, markdownReport(report));
  }
}
