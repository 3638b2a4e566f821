// Runs the tests on the supported Node lines, one after the other, with the binaries that npm has. Lines may be named:
// `npm run test:node -- 22 24`.
import { spawnSync } from 'node:child_process';

const lines = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24', '26'];
const failed = [];
for (const line of lines) {
  console.log(`\nNode ${line}`);
  const { status } = spawnSync(
    'npx',
    ['-y', '-p', `node@${line}`, 'node', 'node_modules/vitest/vitest.mjs', 'run'],
    { stdio: 'inherit' },
  );
  if (status !== 0) failed.push(line);
}
if (failed.length > 0) {
  console.error(`Failed on Node ${failed.join(', ')}`);
  process.exit(1);
}
