// The report as Markdown: one table of figures and verdicts, one of what stood behind them.
import { type Gate, gates } from '../gates.ts';
import { findPeer } from '../peers.ts';
import type { Machine } from './machine.ts';
import type { Cell, Row } from './summary.ts';

const VERDICTS = { goal: 'goal reached', gate: 'gate reached', missed: '**gate missed**' };
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Three significant digits for what is small, whole numbers with separators for what is large. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) >= 1000 ? whole.format(value) : String(Number(value.toPrecision(3)));
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '–';
  const ratio = cell.ratio === undefined ? '' : ` (${cell.ratio.toFixed(2)}×)`;
  return `${figure(cell.value)}${ratio}`;
}

const boundText = (bound: Gate | undefined): string =>
  bound === undefined
    ? ''
    : bound.measure === 'ratio'
      ? `${bound.gate}× / ${bound.goal}×`
      : `≤ ${bound.gate} / ≤ ${bound.goal}`;

function verdictText(row: Row): string {
  const judged = row.cells.filter((cell) => cell.verdict !== undefined);
  const texts = judged.map(({ peer, verdict }) => {
    const text = verdict === undefined ? '' : VERDICTS[verdict];
    return judged.length === 1 ? text : `${peer}: ${text}`;
  });
  return texts.join('<br>');
}

function mainTable(rows: readonly Row[], peers: readonly string[]): string {
  const head = ['work', 'unit', ...peers.map((name) => findPeer(name).title), 'gate / goal', 'verdict'];
  return table(
    head,
    rows.map((row) => [
      row.title,
      row.unit,
      ...peers.map((peer) => cellText(row.cells.find((cell) => cell.peer === peer))),
      boundText(gates[row.scenario]),
      verdictText(row),
    ]),
  );
}

const percent = (share: number): string => (share === 0 ? '–' : `${Math.round(share * 100)} %`);

function detailTable(rows: readonly Row[]): string {
  const head = [
    'work',
    'peer',
    'per second',
    'server CPU',
    'load CPU',
    'p50 ms',
    'p99 ms',
    'p99.9 ms',
    'max ms',
    'RSS MiB',
  ];
  const lines = rows.flatMap((row) =>
    row.cells.map(({ peer, perSecond, serverCpu, loadCpu, latency, rssMiB }) => [
      row.scenario,
      peer,
      perSecond === 0 ? '–' : figure(perSecond),
      percent(serverCpu),
      percent(loadCpu),
      ...[latency?.p50, latency?.p99, latency?.p999, latency?.max].map((ms) =>
        ms === undefined ? '–' : figure(ms),
      ),
      figure(rssMiB),
    ]),
  );
  return table(head, lines);
}

export function markdownReport(
  rows: readonly Row[],
  peers: readonly string[],
  machine: Machine,
  how: { rounds: number; seconds: number; pinned: boolean; notes: readonly string[]; chart?: string },
): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const chart = how.chart === undefined ? '' : `![Ratios to the baseline](${how.chart})\n\n`;
  const notes = how.notes.map((note) => `- ${note}\n`).join('');
  return `# Benchmark of ${machine.date}

${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}.
Node ${machine.node} · ${versions.join(' · ')}.
${how.rounds} interleaved rounds of ${how.seconds} s; server and load generator ${how.pinned ? 'on a core each' : 'not pinned'}; medians.

${chart}${mainTable(rows, peers)}

In brackets: the median over the rounds of the ratio to \`${rows[0]?.baseline ?? 'ws'}\` in the same round. Every echoed
byte was compared with what was sent (compressed rows: one connection's echoes, inflated); what a receive-only server
got was counted to the last message and its content proven by a digest. Where the load generator's CPU is near 100 %,
messages per second of the clock are its limit; messages per server-CPU-second are not.

${detailTable(rows)}
${notes === '' ? '' : `\n${notes}`}`;
}
