/**
 * What is kept of a run in the repository: which case got which verdict, without wire logs.
 *
 * Rule: small and steady. The same verdicts give the same text but for versions and the day.
 */
import { autobahnCases, byId } from '../cases/index.ts';
import type { CaseResult } from '../result.ts';

export interface Summary {
  readonly agent: string;
  readonly role: string;
  readonly version: string;
  readonly suite: string;
  readonly node: string;
  readonly platform: string;
  readonly day: string;
  /** Case ids by verdict: `OK`, or such as `OK, closing UNCLEAN`. */
  readonly verdicts: Readonly<Record<string, readonly string[]>>;
}

const WORDS = ['OK', 'NON-STRICT', 'INFORMATIONAL', 'UNIMPLEMENTED', 'FAILED'] as const;
type Word = (typeof WORDS)[number];

const verdictOf = ({ behavior, behaviorClose }: CaseResult): string =>
  behavior === behaviorClose || (behavior === 'NON-STRICT' && behaviorClose === 'OK')
    ? behavior
    : `${behavior}, closing ${behaviorClose}`;

export function verdictsOf(results: readonly CaseResult[]): Summary['verdicts'] {
  const verdicts: Record<string, string[]> = {};
  for (const result of [...results].sort((a, b) => byId(a.id, b.id))) {
    const word = verdictOf(result);
    verdicts[word] = [...(verdicts[word] ?? []), result.id];
  }
  return verdicts;
}

const ORIGINAL: ReadonlySet<string> = new Set(autobahnCases.map(({ id }) => id));

/** The word a verdict counts as: a closing that is not OK counts as FAILED. */
const countedAs = (verdict: string): Word => WORDS.find((word) => word === verdict) ?? 'FAILED';

/** How many cases of one half of the suite got each word. */
function counts({ verdicts }: Summary, original: boolean): Map<Word, number> {
  const found = new Map<Word, number>();
  for (const [verdict, ids] of Object.entries(verdicts)) {
    const word = countedAs(verdict);
    const own = ids.filter((id) => ORIGINAL.has(id) === original).length;
    if (own > 0) found.set(word, (found.get(word) ?? 0) + own);
  }
  return found;
}

function countCell(summary: Summary, original: boolean): string {
  const found = counts(summary, original);
  const cells = WORDS.flatMap((word) => {
    const count = found.get(word);
    return count === undefined ? [] : [`${count} ${word}`];
  });
  return cells.length === 0 ? '·' : cells.join(', ');
}

/** Neighbouring ids as one: 9.7.1 to 9.7.6. */
function ranges(ids: readonly string[]): string {
  const parts: string[] = [];
  for (let at = 0; at < ids.length; ) {
    let to = at;
    while (isNext(ids[to], ids[to + 1])) to++;
    const [first, last] = [ids[at], ids[to]];
    parts.push(to - at < 2 ? ids.slice(at, to + 1).join(', ') : `${first} to ${last}`);
    at = to + 1;
  }
  return parts.join(', ');
}

function isNext(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const cut = a.lastIndexOf('.') + 1;
  return b === a.slice(0, cut) + String(Number(a.slice(cut)) + 1);
}

function notOk({ agent, role, version, verdicts }: Summary): string {
  const rows = Object.entries(verdicts).flatMap(([verdict, ids]) => {
    if (verdict === 'OK') return [];
    const original = ids.filter((id) => ORIGINAL.has(id));
    const beyond = ids.filter((id) => !ORIGINAL.has(id));
    const of = [original.length > 0 ? ranges(original) : '·', beyond.length > 0 ? ranges(beyond) : '·'];
    return [`| ${verdict} | ${of.join(' | ')} |`];
  });
  const title = `## ${agent} ${version}, ${role}`;
  const table =
    rows.length === 0
      ? 'Every case is OK.'
      : ['| verdict | of the 517 | beyond |', '| --- | --- | --- |', ...rows].join('\n');
  return `${title}\n\n${table}`;
}

const HEAD = `# Conformance reports

What the conformance suite says of several servers and clients. The suite and its verdicts are explained in [../conformance.md](../conformance.md); \`index.html\` here shows the same as a matrix, with the wire log of each case that failed. The 517 are the cases of the Autobahn test suite; what lies beyond is this suite's own, stricter in places, and a matter of limits in others. Behaviour and closing are counted together; a case counts by the worse of the two.

`;

/** The overview of all summaries, in Markdown. */
export function overview(summaries: readonly Summary[]): string {
  const rows = summaries.map(
    (one) =>
      `| ${one.agent} | ${one.version} | ${one.role} | ${countCell(one, true)} | ${countCell(one, false)} |`,
  );
  const table = ['| agent | version | as | the 517 | beyond |', '| --- | --- | --- | --- | --- |', ...rows];
  const [first] = summaries;
  const made =
    first === undefined
      ? ''
      : `Made on ${first.day} by the suite of ${first.suite} on Node ${first.node}, ${first.platform}, with \`npx tsx autobahn/agents/run.ts\`. ws and undici ran on the same Node.`;
  return `${HEAD}${table.join('\n')}\n\n${made}\n\n${summaries.map(notOk).join('\n\n')}\n`;
}
