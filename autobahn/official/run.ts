/**
 * `npm run autobahn`: the official suite where there is a container engine, the built-in one
 * everywhere, against the engine's server and its client.
 *
 * `--built-in` runs the built-in one even where there is an engine, `--only IDS` some of the cases,
 * `--reports DIR` puts the reports elsewhere.
 *
 * Rule: both suites must give the committed baseline `expected.json`, and nothing but OK.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPatterns, select } from '../select.ts';
import { runBuiltIn } from './built-in.ts';
import { type Baseline, checkIndex, readBaseline } from './check-index.ts';
import { type Engine, findEngine } from './containers.ts';
import { runOfficial } from './official.ts';
import { ROOT } from './scripts.ts';

const AGENT = 'framewright';

const { values } = parseArgs({
  options: {
    'built-in': { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    reports: { type: 'string', default: join(ROOT, 'reports', 'autobahn') },
  },
});

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const patterns = readPatterns(values.only);

/** The verdicts to expect of the cases that were asked for. */
function expected(): Baseline {
  const whole = readBaseline(readJson(join(ROOT, 'autobahn', 'expected.json')));
  const asked = new Set(select({ only: patterns, exclude: [] }, 'client').map(({ id }) => id));
  return Object.fromEntries(Object.entries(whole).filter(([id]) => asked.has(id)));
}

function judge(what: string, file: string, baseline: Baseline): boolean {
  const faults = checkIndex(readJson(file), AGENT, baseline);
  const count = Object.keys(baseline).length;
  console.log(faults.length === 0 ? `${what}: all ${count} cases as expected` : `${what}: not as expected`);
  for (const fault of faults) console.log(`  ${fault}`);
  return faults.length === 0;
}

/** @returns the folder with the reports. */
async function perform(engine: Engine | null, reports: string): Promise<string> {
  if (engine !== null) {
    console.log(`Running the official Autobahn test suite with ${engine.name}.`);
    await runOfficial({ engine, agent: AGENT, reports, cases: patterns.length > 0 ? patterns : ['*'] });
    return reports;
  }
  const folder = join(reports, 'built-in');
  await runBuiltIn({ agent: AGENT, reports: folder, cases: patterns.length > 0 ? patterns : ['autobahn'] });
  return folder;
}

async function main(): Promise<boolean> {
  const baseline = expected();
  for (const folder of ['config', 'servers', 'clients', 'built-in']) {
    rmSync(join(values.reports, folder), { recursive: true, force: true });
  }
  mkdirSync(values.reports, { recursive: true });
  const engine = values['built-in'] ? null : findEngine();
  if (engine === null && !values['built-in']) {
    console.log('Neither Docker nor Podman answers, so the official image cannot run here.');
    console.log('Running the built-in suite instead: the same cases, under the same ids.');
  }
  const folder = await perform(engine, values.reports);
  const suite = engine === null ? 'Built-in suite' : 'Official suite';
  const server = judge(`${suite}, server`, join(folder, 'servers', 'index.json'), baseline);
  return judge(`${suite}, client`, join(folder, 'clients', 'index.json'), baseline) && server;
}

process.exitCode = await main().then(
  (passed) => (passed ? 0 : 1),
  (error: unknown) => {
    console.error(`autobahn: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  },
);
