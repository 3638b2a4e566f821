/**
 * Runs one target for a while, or one case again.
 *
 * The rule of this file: execution `n` of a run has a seed of its own, made of the run's seed and `n`. A failure is
 * told by input and seed, which is what `regressions/*.json` keep.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

/** One input with all that its check draws from; kept as JSON. */
export interface FuzzCase {
  readonly target: string;
  readonly seed: number;
  /** Hexadecimal. */
  readonly input: string;
  /** What was wrong when it was found. */
  readonly failure: string;
}

export interface CampaignReport {
  readonly executions: number;
  readonly seconds: number;
  readonly failed: FuzzCase | undefined;
}

/** When to stop: after so many executions or seconds, whichever comes first. */
export interface CampaignLimits {
  readonly executions?: number;
  readonly seconds?: number;
}

/** Differs from what the input was drawn with, so that cuts do not follow from content. */
const checkSeed = (seed: number): number => seed ^ 0x5bd1e995;

const describeFailure = (error: unknown): string =>
  error instanceof Error
    ? `${error.name}: ${error.message}${error.cause === undefined ? '' : `\n${describeFailure(error.cause)}`}`
    : String(error);

const failedCase = (target: FuzzTarget, seed: number, input: Uint8Array, error: unknown): FuzzCase => ({
  target: target.name,
  seed,
  input: Buffer.from(input).toString('hex'),
  failure: describeFailure(error),
});

/** Tries one input by itself. @returns the case, when it fails */
export async function attempt(
  target: FuzzTarget,
  seed: number,
  input: Uint8Array,
): Promise<FuzzCase | undefined> {
  try {
    await target.check(input, new Random(checkSeed(seed)));
    return undefined;
  } catch (error) {
    return failedCase(target, seed, input, error);
  }
}

/** Runs the target until a limit or the first failure. */
export async function runCampaign(
  target: FuzzTarget,
  runSeed: number,
  limits: CampaignLimits,
): Promise<CampaignReport> {
  const { executions: most = Number.POSITIVE_INFINITY, seconds = Number.POSITIVE_INFINITY } = limits;
  const random = new Random(runSeed);
  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / 1_000;
  let executions = 0;
  while (executions < most) {
    if ((executions & 0xf) === 0 && elapsed() >= seconds) break;
    const seed = (runSeed + Math.imul(executions, 0x9e3779b1)) | 0;
    random.seed(seed);
    const input = target.generate(random);
    executions += 1;
    try {
      random.seed(checkSeed(seed));
      const pending = target.check(input, random);
      if (pending !== undefined) await pending;
    } catch (error) {
      return { executions, seconds: elapsed(), failed: failedCase(target, seed, input, error) };
    }
  }
  return { executions, seconds: elapsed(), failed: undefined };
}

/** Tries a kept case again. @throws what the check throws */
export async function replay(target: FuzzTarget, { input, seed }: FuzzCase): Promise<void> {
  await target.check(Uint8Array.from(Buffer.from(input, 'hex')), new Random(checkSeed(seed)));
}

/** Where failing cases are kept. */
export const regressionFolder = new URL('./regressions/', import.meta.url);

/** Writes the case down under a name made of its content. @returns the path */
export function keep(found: FuzzCase, folder = regressionFolder): string {
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(`${found.seed} ${found.input}`).digest('hex').slice(0, 12);
  const file = new URL(`${found.target}-${digest}.json`, folder);
  writeFileSync(file, `${JSON.stringify(found, undefined, 2)}\n`);
  return fileURLToPath(file);
}

/** The case in a file's text. @throws {TypeError} when it is none */
export function readCase(text: string): FuzzCase {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null) {
    const { target, seed, input, failure } = Object.fromEntries(Object.entries(value));
    if (typeof target === 'string' && typeof seed === 'number' && typeof input === 'string') {
      return { target, seed, input, failure: String(failure) };
    }
  }
  throw new TypeError('this is no fuzz case');
}
