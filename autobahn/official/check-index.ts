/**
 * Reads an `index.json` of the Autobahn test suite, or of the built-in one, and says what is wrong
 * with it.
 *
 * Rule: only OK passes. INFORMATIONAL passes for 7.1.6, 7.13.1 and 7.13.2, whose outcome the RFC
 * leaves open. A missing case, a case nobody knows and a difference from the committed baseline
 * are faults too.
 */

export interface Expectation {
  readonly behavior: string;
  readonly behaviorClose: string;
}

export type Baseline = Readonly<Record<string, Expectation>>;

const MAY_BE_INFORMATIONAL = new Set(['7.1.6', '7.13.1', '7.13.2']);

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${what} is not an object`);
  return Object.fromEntries(Object.entries(value));
}

function expectationOf(value: unknown, what: string): Expectation {
  const { behavior, behaviorClose } = fieldsOf(value, what);
  if (typeof behavior !== 'string' || typeof behaviorClose !== 'string')
    throw new TypeError(`${what} has no verdict`);
  return { behavior, behaviorClose };
}

/** @throws TypeError when the value has not the shape of a baseline. */
export function readBaseline(value: unknown): Baseline {
  const cases = Object.entries(fieldsOf(value, 'the baseline'));
  return Object.fromEntries(cases.map(([id, verdict]) => [id, expectationOf(verdict, `case ${id}`)]));
}

const acceptable = (id: string, word: string): boolean =>
  word === 'OK' || (word === 'INFORMATIONAL' && MAY_BE_INFORMATIONAL.has(id));

function faultsOf(id: string, verdict: Expectation, expected: Expectation | undefined): string[] {
  const { behavior, behaviorClose } = verdict;
  const faults: string[] = [];
  if (!acceptable(id, behavior)) faults.push(`${id}: ${behavior}`);
  if (!acceptable(id, behaviorClose)) faults.push(`${id}: closing ${behaviorClose}`);
  if (expected === undefined) faults.push(`${id}: not in the baseline`);
  else if (expected.behavior !== behavior || expected.behaviorClose !== behaviorClose) {
    faults.push(
      `${id}: the baseline has ${expected.behavior}/${expected.behaviorClose}, this run ${behavior}/${behaviorClose}`,
    );
  }
  return faults;
}

/**
 * Everything wrong with the results of one agent; empty when all is as it should be.
 * @throws TypeError when the index has not the shape of one, or lacks the agent.
 */
export function checkIndex(index: unknown, agent: string, baseline: Baseline): string[] {
  const agents = fieldsOf(index, 'the index');
  if (!(agent in agents)) throw new TypeError(`the index has no agent "${agent}"`);
  const cases = fieldsOf(agents[agent], agent);
  const missing = Object.keys(baseline).filter((id) => !(id in cases));
  return [
    ...missing.map((id) => `${id}: was not run`),
    ...Object.entries(cases).flatMap(([id, value]) =>
      faultsOf(id, expectationOf(value, `case ${id}`), baseline[id]),
    ),
  ];
}
