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
  it('measures every kind of row', async () => {
    const scenarios = ['pipelined-20', 'receive-fragments', 'handshakes', 'idle-deflate', 'deflate-125'];
    const output = file('kinds.json');
    await bench('--smoke', '--scenario', scenarios.join(','), '--peers', 'framewright', '--json', output);
    const report: { rows: Row[]; measurements: Taken[] } = JSON.parse(readFileSync(output, 'utf8'));
    expect(report.measurements.map(({ scenario }) => scenario)).toEqual(scenarios);
    for (const { verified, value } of report.measurements) {
      expect(verified).toBeGreaterThan(0);
      expect(Number.isFinite(value)).toBe(true);
    }
  }, 60_000);

  it('compares peers and writes its reports', async () => {
    const outputs = ['--json', file('r.json'), '--markdown', file('r.md'), '--svg', file('r.svg')];
    await bench('--smoke', '--scenario', 'broadcast-8', '--peers', 'framewright,ws', ...outputs);
    const report: { rows: Row[]; notes: string[] } = JSON.parse(readFileSync(file('r.json'), 'utf8'));
    expect(report.notes).toEqual([expect.stringContaining('A smoke run')]);
    expect(report.rows.map((row) => row.cells.map((cell) => cell.peer))).toEqual([['framewright', 'ws']]);
    const title = 'broadcast to 1000, 125 B, 8 in flight';
    expect(readFileSync(file('r.md'), 'utf8')).toContain(`| ${title} | deliveries per server-CPU-second |`);
    expect(readFileSync(file('r.svg'), 'utf8')).toContain(title);
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
