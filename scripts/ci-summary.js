// Turns the JSON report of a test run into CI's last line. A step that broke before or beside the tests (install,
// lint, types, build) counts as one failure, so that "0 failed" is never said of a red run.
import { readFileSync } from 'node:fs';

const [, , path, status] = process.argv;
let passed = 0;
let failed = 0;
try {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  passed = report.numPassedTests;
  failed =
    report.numFailedTests +
    report.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length;
} catch {
  console.error('No test report was written: the run stopped before the tests.');
}
if (status !== '0' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
