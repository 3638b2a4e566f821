// The runs as they are called from the command line, in their quick form: whatever is not about time must hold.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { Check, Outcome } from '../../reliability/report/check.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'framewright-smoke-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs an entry of reliability/ and returns what its report says. An exit status is no news: it may be about time. */
async function smoke(entry: string, ...args: string[]): Promise<Outcome[]> {
  const json = join(folder, `${entry.replaceAll('/', '-')}.json`);
  const command = ['--import', 'tsx', join(root, 'reliability', entry), '--smoke', '--json', json, ...args];
  await promisify(execFile)(process.execPath, command, { cwd: root }).catch(() => {});
  const report: { outcomes: Outcome[] } = JSON.parse(readFileSync(json, 'utf8'));
  return report.outcomes;
}

const broken = (outcomes: readonly Outcome[]): Check[] =>
  outcomes.flatMap(({ checks }) => checks).filter(({ held, timed }) => !held && !timed);

const names = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ name }) => name);

describe('npm run faults -- --smoke', () => {
  it('plays one-byte segments, failing handlers, ends in the middle of writing and SIGTERM without a loss', async () => {
    const playing = ['segments', 'handlers', 'ends-while-writing', 'sigterm'];
    const outcomes = await smoke('faults/run.ts', '--only', playing.join(','));
    expect(names(outcomes)).toEqual(playing);
    expect(broken(outcomes)).toEqual([]);
    expect(outcomes.every(({ checks }) => checks.length > 3)).toBe(true);
  }, 120_000);

  it('spoils the link, or says why it could not', async () => {
    const outcomes = await smoke('faults/run.ts', '--only', 'loss-5');
    expect(names(outcomes)).toEqual(['loss-5']);
    expect(broken(outcomes)).toEqual([]);
    for (const { skipped, checks } of outcomes) {
      if (skipped === undefined) expect(checks.length).toBeGreaterThan(3);
      else expect(skipped).toMatch(/namespace|tc/);
    }
  }, 60_000);
});

describe('npm run attacks -- --smoke', () => {
  it('measures what is held for attackers and what is left of them', async () => {
    const outcomes = await smoke('attacks/run.ts', '--only', 'declared');
    expect(names(outcomes)).toEqual(['declared']);
    expect(broken(outcomes)).toEqual([]);
    const gates = outcomes.flatMap(({ checks }) => checks).map(({ gate }) => gate);
    expect(gates).toContain('memory held for attackers');
  }, 120_000);
});

describe('npm run soak -- --smoke', () => {
  it('accounts for every message and every closure', async () => {
    const outcomes = await smoke('soak/run.ts', '--minutes', '0.02', '--churn', '20000');
    expect(names(outcomes)).toEqual(['soak', 'churn', 'idle']);
    expect(broken(outcomes)).toEqual([]);
  }, 120_000);
});
