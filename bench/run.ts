// npm run bench: measures the chosen rows for the chosen peers in interleaved rounds and writes the report.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { measure } from './measure.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { executableOf, findPeer, sitsOut } from './peers.ts';
import { describeMachine } from './report/machine.ts';
import { figure, markdownReport } from './report/markdown.ts';
import { type Row, summarize, type Taken } from './report/summary.ts';
import { svgChart } from './report/svg.ts';
import type { Scenario } from './scenarios.ts';
import { pinned } from './server-process.ts';

/** A live line on a terminal, nothing elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

interface Run {
  readonly options: BenchOptions;
  readonly peers: readonly string[];
  readonly notes: string[];
  readonly failures: string[];
}

function installedPeers({ peers, placement }: BenchOptions, notes: string[]): string[] {
  return peers.filter((name) => {
    if (executableOf(findPeer(name), placement.node) !== undefined) return true;
    notes.push(`${name} was skipped: it is not installed.`);
    return false;
  });
}

/** Every other round runs backwards, so that nobody always comes first. */
async function measureRow(scenario: Scenario, { options, peers, notes, failures }: Run): Promise<Taken[]> {
  const taken: Taken[] = [];
  const taking = peers.filter((name) => sitsOut(findPeer(name), scenario) === undefined);
  const broken = new Set<string>();
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const name of round % 2 === 1 ? taking : taking.toReversed()) {
      if (broken.has(name)) continue;
      progress(`${scenario.name}  round ${round}/${options.rounds}  ${name} …`);
      try {
        taken.push({
          ...(await measure(findPeer(name), scenario, options.timing, options.placement)),
          round,
        });
      } catch (error) {
        broken.add(name);
        failures.push(`${scenario.name}, ${name}: ${error instanceof Error ? error.message : String(error)}`);
        notes.push(`Failed: ${failures.at(-1)}`);
      }
    }
  }
  progress('');
  return taken;
}

function printRow(row: Row): void {
  const cells = row.cells.map(({ peer, value, ratio, loadCpu, serverCpu, verdict }) => {
    const times = ratio === undefined ? '' : ` ${ratio.toFixed(2)}x`;
    const shares = loadCpu === 0 ? '' : ` [cpu ${Math.round(serverCpu * 100)}|${Math.round(loadCpu * 100)}]`;
    return `${peer} ${figure(value)}${times}${verdict === undefined ? '' : ` ${verdict}`}${shares}`;
  });
  console.log(`${row.scenario}: ${cells.join(' · ')}`);
}

function writeReports(rows: readonly Row[], taken: readonly Taken[], { options, peers, notes }: Run): void {
  const machine = describeMachine(peers, options.placement.node);
  const { json, markdown, svg, rounds, timing, placement } = options;
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ machine, notes, rows, measurements: taken }, null, 1)}\n`);
  if (svg !== undefined) writeFileSync(svg, svgChart(rows, peers, machine));
  if (markdown !== undefined) {
    const how = { rounds, seconds: timing.seconds, pinned: pinned(0, placement.pin).length > 0, notes };
    const chart = svg === undefined ? {} : { chart: basename(svg) };
    writeFileSync(markdown, markdownReport(rows, peers, machine, { ...how, ...chart }));
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    process.stdout.write(options);
    return;
  }
  const notes: string[] = [];
  if (options.smoke)
    notes.push('A smoke run: rows are smaller than their titles say, and the figures mean nothing.');
  const run: Run = { options, peers: installedPeers(options, notes), notes, failures: [] };
  for (const note of notes) console.error(note);
  const rows: Row[] = [];
  const taken: Taken[] = [];
  for (const scenario of options.scenarios) {
    const measured = await measureRow(scenario, run);
    const row = summarize(scenario, run.peers, measured);
    taken.push(...measured);
    rows.push(row);
    printRow(row);
    writeReports(rows, taken, run);
  }
  for (const failure of run.failures) console.error(`FAILED ${failure}`);
  if (run.failures.length > 0) process.exitCode = 1;
}

await main();
