/**
 * npm run fuzz:coverage -- --target T [--seconds N] [--seed N] [--jazzer FOLDER] [--corpus FOLDER]
 *
 * Coverage-guided fuzzing with Jazzer.js, where that is installed and runs. It begins with inputs of the target's own
 * making; what it finds worth keeping goes to the corpus folder, and a case that fails to fuzz/regressions.
 *
 * The rule of this file: optional. Where Jazzer.js is missing, or its addon does not load, it says so and ends with
 * status 2.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Random } from '../random.ts';
import { targets } from '../targets.ts';
import { bundle } from './bundle.ts';
import { findJazzer } from './jazzer.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'frame' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    jazzer: { type: 'string', default: root },
    corpus: { type: 'string' },
  },
});
const target = targets.find(({ name }) => name === values.target);
if (target === undefined) throw new RangeError(`no target ${values.target}`);

/** Inputs to begin with. */
const seeds = 200;

const found = findJazzer(resolve(values.jazzer));
if ('missing' in found) {
  console.log(found.missing);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'framewright-coverage-'));
  const corpus = resolve(values.corpus ?? join(folder, 'corpus'));
  mkdirSync(corpus, { recursive: true });
  const random = new Random(Number(values.seed));
  for (let index = 0; index < seeds; index += 1) {
    writeFileSync(join(corpus, `seed-${index}`), target.generate(random));
  }
  const limits = [`-max_total_time=${values.seconds}`, `-seed=${values.seed}`, '-max_len=4096'];
  const run = spawnSync(
    process.execPath,
    [found.command, await bundle(folder), corpus, '--includes', 'framewright-fuzz', '--', ...limits],
    { cwd: folder, stdio: 'inherit', env: { ...process.env, FRAMEWRIGHT_FUZZ_TARGET: target.name } },
  );
  process.exitCode = run.status ?? 1;
  rmSync(folder, { recursive: true, force: true });
}
