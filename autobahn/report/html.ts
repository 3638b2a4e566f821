/**
 * The HTML report: one file that needs nothing else, with the matrix of agents and cases and the
 * wire log of each case.
 *
 * Rule: the page is data plus a small script. All text from peers goes in as JSON and comes out
 * through textContent, so a peer cannot write markup into the report.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GROUPS } from '../cases/index.ts';
import type { CaseResult } from '../result.ts';
import { caseDocument, type Index } from './json.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './page.ts';

interface Document {
  readonly agent?: unknown;
  readonly id?: unknown;
  readonly description?: unknown;
  readonly expectation?: unknown;
  readonly started?: unknown;
  readonly behavior?: unknown;
  readonly behaviorClose?: unknown;
  readonly wirelog?: unknown;
  readonly timeline?: unknown;
  readonly httpRequest?: unknown;
  readonly httpResponse?: unknown;
  readonly [field: string]: unknown;
}

/** Of which cases the page holds details and the wire log: of all, or, in less detail, of those that failed. */
export type Logs = 'all' | 'failed';

interface Detail {
  /** Log lines shown per case: the beginning and the end tell the story, the middle is more of the same. */
  readonly first: number;
  readonly last: number;
  /** Octets shown of a line. */
  readonly octets: number;
  /** Characters shown of a head. */
  readonly head: number;
}

const DETAILS: Record<Logs, Detail> = {
  all: { first: 28, last: 12, octets: 64, head: 4096 },
  failed: { first: 10, last: 4, octets: 32, head: 600 },
};

/** Fields of a case that the page shows as they are. */
const SHOWN = [
  'id',
  'behavior',
  'behaviorClose',
  'result',
  'resultClose',
  'expected',
  'received',
  'localCloseCode',
  'remoteCloseCode',
  'remoteCloseReason',
  'octetsSent',
  'octetsReceived',
  'duration',
  'wirelogDropped',
] as const;

function shortLog(document: Document, { first, last, octets }: Detail): Document {
  const lines = Array.isArray(document.wirelog) ? document.wirelog : [];
  const times = Array.isArray(document.timeline) ? document.timeline : [];
  const kept = lines
    .map((line: unknown, i) => [times[i] ?? 0, ...(Array.isArray(line) ? shorten(line, octets) : [])])
    .filter((_, i) => i < first || i >= lines.length - last);
  return { wirelog: kept, wirelogHidden: lines.length - kept.length };
}

const shorten = (parts: readonly unknown[], octets: number): unknown[] =>
  parts.map((part) => {
    if (Array.isArray(part)) return shorten(part, octets);
    return typeof part === 'string' ? part.slice(0, octets * 2) : part;
  });

/** JSON that can stand inside a script element. */
const embeddable = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

const MILD = new Set<unknown>(['OK', 'NON-STRICT', 'INFORMATIONAL', 'UNIMPLEMENTED']);
const isFailure = ({ behavior, behaviorClose }: Document): boolean =>
  !(MILD.has(behavior) && MILD.has(behaviorClose));

/** What the page is told of a case; the words that cases share are kept once. */
function caseData(document: Document, agent: number, logs: Logs): Document {
  const { id, behavior, behaviorClose, result, resultClose } = document;
  if (logs === 'failed' && !isFailure(document)) {
    const fine = behavior === 'OK' && behaviorClose === 'OK';
    return fine ? { agent, id } : { agent, id, behavior, behaviorClose, result, resultClose };
  }
  const detail = DETAILS[logs];
  return {
    agent,
    ...Object.fromEntries(SHOWN.map((name) => [name, document[name]])),
    httpRequest: String(document.httpRequest).slice(0, detail.head),
    httpResponse: String(document.httpResponse).slice(0, detail.head),
    ...shortLog(document, detail),
  };
}

function pageData(documents: readonly Document[], logs: Logs): unknown {
  const agents = [...new Set(documents.map(({ agent }) => String(agent)))];
  const about = documents.map(
    ({ id, description, expectation }) => [String(id), [description, expectation]] as const,
  );
  const [first = ''] = documents.map(({ started }) => String(started)).sort();
  return {
    groups: [...GROUPS],
    agents,
    about: Object.fromEntries(about),
    day: first.slice(0, 10),
    cases: documents.map((document) => caseData(document, agents.indexOf(String(document.agent)), logs)),
  };
}

export function page(documents: readonly Document[], title: string, logs: Logs = 'all'): string {
  const data = pageData(documents, logs);
  const safeTitle = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safeTitle}</title>
<style>${PAGE_STYLE}</style>
<header><h1>${safeTitle}</h1><p id="made"></p></header>
<section id="agents" aria-label="Agents"></section>
<nav id="filters" aria-label="Filter"></nav>
<main id="matrix"></main>
<dialog id="detail" aria-labelledby="detail-title"></dialog>
<script type="application/json" id="data">${embeddable(data)}</script>
<script>${PAGE_SCRIPT}</script>
</html>
`;
}

/** The documents an index points to, read from its directory; files that are gone are left out. */
function documentsOf(directory: string, index: Index): Document[] {
  return Object.values(index).flatMap((cases) =>
    Object.values(cases).flatMap(({ reportfile }) => {
      const file = join(directory, reportfile);
      if (!existsSync(file)) return [];
      const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return typeof value === 'object' && value !== null ? [Object.fromEntries(Object.entries(value))] : [];
    }),
  );
}

/**
 * Writes the report.
 * @param json the JSON report to take every agent from; without it, this run's results are shown.
 * @param logs which cases are shown with their wire logs.
 */
export function writeHtml(
  file: string,
  results: readonly CaseResult[],
  json?: { directory: string; index: Index },
  logs: Logs = 'all',
): void {
  const documents = json === undefined ? results.map(caseDocument) : documentsOf(json.directory, json.index);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, page(documents, 'WebSocket conformance', logs));
}
