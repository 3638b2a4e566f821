// The benchmark as it is called from the command line, in its quick form: every kind of row runs, what comes back
// is verified, and the reports say so. Nothing is asserted about speed.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { Row, Taken } from '../../bench/report/summary.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'framewright-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string): string => join(folder, name);

async function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const entry = join(root, 'bench/run.ts');
  return promisify(execFile)(process.execPath, ['--import', 'tsx', entry, ...args], { cwd: root });
}

describe('npm run bench -- --smoke', () => {
  it('measures every kind of row and writes its reports', async () => {
    const scenarios = [
      'pipelined-20',
      'receive-fragments',
      'broadcast-8',
      'handshakes',
      'idle-deflate',
      'deflate-125',
    ];
    const outputs = ['--json', file('r.json'), '--markdown', file('r.md'), '--svg', file('r.svg')];
    await bench('--smoke', '--scenario', scenarios.join(','), '--peers', 'framewright,ws', ...outputs);

    const report: { rows: Row[]; measurements: Taken[]; notes: string[] } = JSON.parse(
      readFileSync(file('r.json'), 'utf8'),
    );
    expect(report.notes).toEqual([]);
    expect(report.rows.map((row) => row.scenario)).toEqual(scenarios);
    for (const row of report.rows) expect(row.cells.map((cell) => cell.peer)).toEqual(['framewright', 'ws']);
    for (const { verified, value } of report.measurements) {
      expect(verified).toBeGreaterThan(0);
      expect(Number.isFinite(value)).toBe(true);
    }
    const markdown = readFileSync(file('r.md'), 'utf8');
    expect(markdown).toContain('| echo, 50 × 64 in flight, 20 B text | messages per server-CPU-second |');
    expect(readFileSync(file('r.svg'), 'utf8')).toContain('broadcast to 1000, 125 B, 8 in flight');
  }, 60_000);

  it('runs the attached server and the loop delay row', async () => {
    const { stdout } = await bench('--smoke', '--scenario', 'fairness-tiny', '--peers', 'framewright-http');
    expect(stdout).toMatch(/^fairness-tiny: framewright-http [\d.]+/);
  }, 60_000);

  it('refuses names it does not know', async () => {
    await expect(bench('--scenario', 'nothing')).rejects.toThrow('No scenario is called "nothing"');
    await expect(bench('--peers', 'nobody')).rejects.toThrow('Unknown peer "nobody"');
  });
});
