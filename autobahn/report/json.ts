/**
 * The JSON report, in the shape of the Autobahn test suite: `index.json` maps agents to cases to
 * verdicts, and each case has a file of its own.
 *
 * Rule: what reads the original's reports reads these. An index that is already there keeps its
 * other agents.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCases } from '../cases/index.ts';
import type { CaseResult } from '../result.ts';
import type { SeenEvent } from '../wire/link.ts';
import type { LogEntry } from '../wire/log.ts';

export interface IndexEntry {
  readonly behavior: string;
  readonly behaviorClose: string;
  readonly duration: number;
  readonly remoteCloseCode: number | null;
  readonly reportfile: string;
}

export type Index = Record<string, Record<string, IndexEntry>>;

/** The file of one case of one agent: only letters, digits and underscores. */
export const reportFile = (agent: string, id: string): string =>
  `${agent
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')}_case_${id.replaceAll('.', '_')}.json`;

type EventTuple = readonly [string, ...(string | boolean)[]];

function eventTuple(event: SeenEvent): EventTuple {
  if (event.kind === 'timeout') return ['timeout', event.tag];
  const payload = event.payload.toString(event.kind === 'message' && event.binary ? 'hex' : 'latin1');
  return event.kind === 'pong' ? ['pong', payload] : ['message', payload, event.binary];
}

type LogField = string | number | boolean | null | readonly [size: number, shown: string];

/** One line of the wire log as the original writes it: TO, RO (octets), TF, RF (frames); and NOTE. */
function logTuple({ kind, text, size, writes, frame }: LogEntry): readonly LogField[] {
  if (kind === 'sent') return ['TO', [size, text], false, ...(writes === undefined ? [] : [writes])];
  if (kind === 'received') return ['RO', [size, text]];
  if (kind === 'note' || frame === undefined) return ['NOTE', text];
  const { opcode, fin, rsv, key } = frame;
  const payload = [size, Buffer.from(text, 'hex').toString('latin1')] as const;
  return kind === 'frame-sent'
    ? ['TF', payload, opcode, fin, rsv, key, null, null, false]
    : ['RF', payload, opcode, fin, rsv, key !== null, key];
}

/** The place of each case in the whole suite, counted from 1, as the original numbers cases. */
const PLACES: ReadonlyMap<string, number> = new Map(allCases.map(({ id }, i) => [id, i + 1]));

export function caseDocument(result: CaseResult): Record<string, unknown> {
  const { localClose, remoteClose, log, expected, received, expectedClose, ...rest } = result;
  return {
    ...rest,
    case: PLACES.get(result.id) ?? 0,
    expected: Object.fromEntries(
      Object.entries(expected).map(([word, events]) => [word, events.map(eventTuple)]),
    ),
    expectedClose: expectedClose && {
      closedByMe: expectedClose.by === 'suite',
      closeCode: expectedClose.codes,
      requireClean: expectedClose.clean,
    },
    received: received.map(eventTuple),
    localCloseCode: localClose?.code ?? null,
    localCloseReason: localClose?.reason ?? null,
    remoteCloseCode: remoteClose?.code ?? null,
    remoteCloseReason: remoteClose?.reason ?? null,
    failedByMe: result.droppedByMe,
    wasNotCleanReason: result.wasClean ? null : result.resultClose,
    createWirelog: true,
    createStats: false,
    octetsSent: log.octetsSent,
    octetsReceived: log.octetsReceived,
    wirelog: log.entries.map(logTuple),
    wirelogDropped: log.dropped,
    timeline: log.entries.map(({ at }) => Math.round(at * 10) / 10),
  };
}

export const indexEntry = (result: CaseResult): IndexEntry => ({
  behavior: result.behavior,
  behaviorClose: result.behaviorClose,
  duration: result.duration,
  remoteCloseCode: result.remoteClose?.code ?? null,
  reportfile: reportFile(result.agent, result.id),
});

function earlierIndex(file: string): Index {
  if (!existsSync(file)) return {};
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`not a report index: ${file}`);
  return Object.fromEntries(Object.entries(value));
}

/** Writes the report of a run. Agents of this run replace what the index had of them. */
export function writeJson(directory: string, results: readonly CaseResult[]): Index {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'index.json');
  const index = earlierIndex(file);
  for (const agent of new Set(results.map((result) => result.agent))) index[agent] = {};
  for (const result of results) {
    const entry = indexEntry(result);
    index[result.agent] = { ...index[result.agent], [result.id]: entry };
    writeFileSync(join(directory, entry.reportfile), `${JSON.stringify(caseDocument(result), null, 1)}\n`);
  }
  writeFileSync(file, `${JSON.stringify(index, null, 2)}\n`);
  return index;
}
