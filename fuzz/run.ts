/**
 * npm run fuzz -- [--target T[,T]] [--seconds N] [--executions N] [--seed N]
 *
 * The rule of this file: the seed is printed before anything runs. A failing input is kept in fuzz/regressions, where
 * the tests find it, and the process ends with status 1.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { keep, runCampaign } from './campaign.ts';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seconds: { type: 'string' },
    executions: { type: 'string' },
    seed: { type: 'string' },
  },
});

/** @throws {RangeError} for what is no positive number */
function positive(name: string, text: string | undefined): number | undefined {
  const value = text === undefined ? undefined : Number(text);
  if (value !== undefined && !(value > 0)) throw new RangeError(`--${name} takes a positive number`);
  return value;
}

const names = values.target?.split(',') ?? targets.map(({ name }) => name);
const unknown = names.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0) {
  const known = targets.map(({ name }) => name).join(', ');
  throw new RangeError(`no target ${unknown.join(', ')}; there are ${known}`);
}
const executions = positive('executions', values.executions);
const seconds = positive('seconds', values.seconds) ?? (executions === undefined ? 10 : undefined);
const seed = positive('seed', values.seed) ?? randomInt(1, 2 ** 31);
const limits = {
  ...(executions === undefined ? {} : { executions }),
  ...(seconds === undefined ? {} : { seconds }),
};

console.log(`seed ${seed}`);
for (const target of targets.filter(({ name }) => names.includes(name))) {
  console.log(`${target.name}: ${target.property}`);
  const report = await runCampaign(target, seed, limits);
  const rate = Math.round(report.executions / report.seconds);
  console.log(`  ${report.executions} executions in ${report.seconds.toFixed(1)} s, ${rate} per second`);
  for (const [note, count] of target.notes?.() ?? []) console.log(`  ${count} times: ${note}`);
  if (report.failed !== undefined) {
    process.exitCode = 1;
    console.log(`  FAILED, seed ${report.failed.seed}: ${report.failed.failure.slice(0, 2_000)}`);
    console.log(`  kept as ${keep(report.failed)}`);
  }
}
