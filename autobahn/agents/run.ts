/**
 * Makes the reports of docs/conformance. Usage: run.ts [agent id ...]; without ids, all agents; with
 * `--pages`, only the overview and the page anew from the reports that are there.
 *
 * Rule: full reports stay in reports/conformance; the repository gets one small file per agent, an
 * overview and the page.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../official/scripts.ts';
import { summary as summaryText } from '../progress.ts';
import { writeHtml } from '../report/html.ts';
import { type Index, writeJson } from '../report/json.ts';
import { type Agent, agents, labelOf } from './agents.ts';
import { judgeAgent } from './judge.ts';
import { overview, type Summary, verdictsOf } from './summary.ts';

const FULL = join(ROOT, 'reports', 'conformance');
const KEPT = join(ROOT, 'docs', 'conformance');

const suiteVersion = (): string => {
  const own = agents.find(({ id }) => id === 'framewright-server');
  return own === undefined ? '' : `${own.name} ${own.version()}`;
};

async function report(agent: Agent): Promise<void> {
  const began = performance.now();
  const results = await judgeAgent(agent, () => {});
  console.log(summaryText(labelOf(agent), results, (performance.now() - began) / 1000).split('\n')[0]);
  writeJson(FULL, results);
  const summary: Summary = {
    agent: agent.name,
    role: agent.role,
    version: agent.version(),
    suite: suiteVersion(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    day: new Date().toISOString().slice(0, 10),
    verdicts: verdictsOf(results),
  };
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(join(KEPT, `${agent.id}.json`), `${compact(summary)}\n`);
}

/** JSON with one line for each verdict. */
function compact({ verdicts, ...facts }: Summary): string {
  const line = (key: string, value: unknown): string => `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  const lines = Object.entries(verdicts).map(([word, ids]) => `    ${line(word, ids)}`);
  const head = Object.entries(facts).map(([key, value]) => `  ${line(key, value)},`);
  return `{\n${head.join('\n')}\n  "verdicts": {\n${lines.join(',\n')}\n  }\n}`;
}

const isSummary = (value: unknown): value is Summary =>
  typeof value === 'object' && value !== null && 'verdicts' in value && 'agent' in value;

function summaries(): Summary[] {
  return agents.flatMap(({ id }) => {
    const file = join(KEPT, `${id}.json`);
    if (!existsSync(file)) return [];
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isSummary(value) ? [value] : [];
  });
}

/** The full reports of the agents that have one, in the order of the list. */
function fullIndex(): Index {
  const index: Index = JSON.parse(readFileSync(join(FULL, 'index.json'), 'utf8'));
  return Object.fromEntries(
    agents.flatMap((agent) => {
      const cases = index[labelOf(agent)];
      return cases === undefined ? [] : [[labelOf(agent), cases]];
    }),
  );
}

const { values, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { pages: { type: 'boolean', default: false } },
});
const unknown = asked.filter((id) => !agents.some((agent) => agent.id === id));
if (unknown.length > 0) throw new TypeError(`no such agent: ${unknown.join(', ')}`);
for (const agent of values.pages ? [] : agents) {
  if (asked.length === 0 || asked.includes(agent.id)) await report(agent);
}
writeFileSync(join(KEPT, 'README.md'), overview(summaries()));
writeHtml(join(KEPT, 'index.html'), [], { directory: FULL, index: fullIndex() }, 'failed');
