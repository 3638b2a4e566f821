/**
 * npm run mutations [-- --only TEXT]
 *
 * Takes one protection after the other away, in a copy of the tree, and runs the tests that must notice.
 *
 * The rule of this file: the working tree is only read. A protection whose text does not stand in its file exactly
 * once is a failure of the run, and so is one that nobody misses.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Mutation, mutations } from './list.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** All that tests need. */
const copied = [
  'src',
  'test',
  'fuzz',
  'examples',
  'interop',
  'scripts',
  'package.json',
  'vitest.config.ts',
  'tsconfig.json',
];
/** Milliseconds after which a test that hangs counts as one that failed. */
const patience = 120_000;

type Verdict = 'noticed' | 'noticed: it hung' | 'NOT NOTICED' | 'NOT APPLICABLE';

/** Whether the tests pass; undefined when they hang. */
const passes = (copy: string, tests: readonly string[], tell = false): boolean | undefined => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const run = spawnSync(process.execPath, [vitest, 'run', '--bail', '1', ...tests], {
    cwd: copy,
    timeout: patience,
    encoding: 'utf8',
  });
  if (tell && run.status !== 0) console.log(run.stdout.slice(-4_000));
  return run.error === undefined && run.signal === null ? run.status === 0 : undefined;
};

function tryOut(copy: string, { file, text, becomes, tests }: Mutation): Verdict {
  const path = join(copy, file);
  const before = readFileSync(path, 'utf8');
  if (before.split(text).length !== 2) return 'NOT APPLICABLE';
  writeFileSync(
    path,
    before.replace(text, () => becomes),
  );
  const passed = passes(copy, tests);
  writeFileSync(path, before);
  if (passed === undefined) return 'noticed: it hung';
  return passed ? 'NOT NOTICED' : 'noticed';
}

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const chosen = mutations.filter(({ protection, tests }) =>
  `${protection} ${tests.join(' ')}`.includes(values.only ?? ''),
);
const copy = mkdtempSync(join(tmpdir(), 'framewright-mutations-'));
try {
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const all = [...new Set(chosen.flatMap(({ tests }) => tests))];
  if (passes(copy, all, true) !== true) throw new Error('the tests fail without any mutation');
  console.log(`${all.length} test files pass without a mutation\n`);
  console.log('| protection taken away | file | tests | verdict |\n|---|---|---|---|');
  let bad = 0;
  for (const mutation of chosen) {
    const verdict = tryOut(copy, mutation);
    if (!verdict.startsWith('noticed')) bad += 1;
    const tests = mutation.tests.map((test) => test.replace(/^test\/(advisories\/)?|\.test\.ts$/g, ''));
    console.log(`| ${mutation.protection} | ${mutation.file} | ${tests.join(', ')} | ${verdict} |`);
  }
  console.log(`\n${chosen.length - bad} of ${chosen.length} were noticed`);
  if (bad > 0) process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
