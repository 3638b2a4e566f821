// The memory cycles as they are called from the command line, small. Objects are counted, so they may be judged here.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('opens, echoes, drops, counts, and finds that nothing was left behind', async () => {
  const entry = join(root, 'bench/memory-cycles.ts');
  const args = ['--import', 'tsx', entry, '--connections', '500', '--cycles', '3'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stdout.match(/^\| \d+ \| [1-9]\d* \|/gm)).toHaveLength(3);
  expect(stdout).toContain('Nothing was left behind.');
}, 60_000);
