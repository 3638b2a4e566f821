/**
 * Picks cases by id patterns such as `1.*,6.4.*,7.1.6`, or by the words `autobahn` (the 517) and
 * `beyond` (groups 20 and up).
 *
 * Rule: a pattern that fits no case is a mistake and is told, so that a typing error cannot pass
 * for a clean run.
 */

import type { Case } from './cases/case.ts';
import { allCases, autobahnCases, beyondCases } from './cases/index.ts';
import type { Side } from './wire/link.ts';

export interface Selection {
  readonly only: readonly string[];
  readonly exclude: readonly string[];
}

export const readPatterns = (value: string): string[] =>
  value
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');

const SETS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['autobahn', new Set(autobahnCases.map(({ id }) => id))],
  ['beyond', new Set(beyondCases.map(({ id }) => id))],
]);

function matcher(pattern: string): (id: string) => boolean {
  const set = SETS.get(pattern);
  if (set !== undefined) return (id) => set.has(id);
  if (!/^[\d.*]+$/.test(pattern)) throw new TypeError(`not a case id or pattern: ${pattern}`);
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '[\\d.]*');
  const expression = new RegExp(`^${source}$`);
  const fits = (id: string): boolean => expression.test(id);
  if (!allCases.some(({ id }) => fits(id))) throw new TypeError(`no case fits the pattern: ${pattern}`);
  return fits;
}

/**
 * The cases a run consists of, in order of id.
 * @param side the suite's own role: as a client it judges servers, as a server it judges clients.
 * @throws TypeError when a pattern is malformed or fits no case.
 */
export function select(selection: Selection, side: Side): Case[] {
  const wanted = selection.only.map(matcher);
  const unwanted = selection.exclude.map(matcher);
  const judged = side === 'client' ? 'server' : 'client';
  return allCases.filter(
    ({ id, judges }) =>
      (judges === 'both' || judges === judged) &&
      (wanted.length === 0 || wanted.some((fits) => fits(id))) &&
      !unwanted.some((fits) => fits(id)),
  );
}
