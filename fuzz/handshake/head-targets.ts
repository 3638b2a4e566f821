/**
 * The two head parsers and the judgements behind them (RFC 9112, RFC 6455 §4).
 *
 * The rule of this file: a fault is one of the table's, every outcome is independent of the cuts and the same as that
 * of a second parser, and a head that was read can be written and read again.
 */
import { acceptCommonOpening } from '../../src/handshake/common-opening.ts';
import { headFaults } from '../../src/handshake/faults.ts';
import { checkOpeningRequest, type OpeningRequest } from '../../src/handshake/opening-request.ts';
import { checkOpeningResponse } from '../../src/handshake/opening-response.ts';
import { formatRefusal } from '../../src/handshake/refusal.ts';
import { RequestHeadParser } from '../../src/handshake/request-head.ts';
import { responseFailures } from '../../src/handshake/response-failure.ts';
import { ResponseHeadParser } from '../../src/handshake/response-head.ts';
import { readWholeOpening } from '../../src/handshake/whole-opening.ts';
import type { Random } from '../random.ts';
import { demand, demandEqual, type FuzzTarget } from '../target.ts';
import { generateHead } from './generate-head.ts';
import { readByReference } from './reference-head.ts';

/** Small, so that heads of some hundred bytes cross them. */
const limits = { maxHeadSize: 420, maxFields: 10, maxRequestLine: 60 };
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const faultTexts: ReadonlySet<string> = new Set(Object.values(headFaults).map(({ message }) => message));
const failureNames: ReadonlySet<string> = new Set([
  ...Object.keys(headFaults),
  ...Object.keys(responseFailures),
]);

interface Progress {
  readonly state: string;
  /** Offset after the head: in the last chunk from the parser, in the input from here on. */
  readonly end?: number;
  readonly head?: { readonly rawHeaders: readonly string[] };
}

interface Fed {
  readonly outcome: Progress;
  readonly end: number | undefined;
}

/** Pushes the pieces between the cuts until the parser has an outcome. */
function feed<Outcome extends Progress>(
  parser: { push(chunk: Uint8Array): Outcome },
  input: Uint8Array,
  cuts: readonly number[],
): { readonly outcome: Outcome; readonly end: number | undefined } {
  let from = 0;
  for (const edge of [...cuts, input.length]) {
    const outcome = parser.push(input.subarray(from, edge));
    if (outcome.state !== 'more' || edge === input.length) {
      return { outcome, end: outcome.end === undefined ? undefined : from + outcome.end };
    }
    from = edge;
  }
  throw new RangeError('the last edge is the end of the input');
}

/** A second parser finds the same head at the same place, or none. */
function compare(kind: 'request' | 'response', input: Uint8Array, { end, outcome }: Fed): void {
  const expected = readByReference(kind, Buffer.from(input).toString('latin1'), limits);
  demandEqual(end, expected?.end, 'the end of the head and that of the reference');
  if (expected !== undefined)
    demandEqual(outcome.head?.rawHeaders, expected.rawHeaders, 'fields and reference');
}

/** Both ways, and what holds for either. @returns the outcome of the input in one piece */
function tryCuts<Outcome extends Progress>(
  kind: 'request' | 'response',
  open: () => { push(chunk: Uint8Array): Outcome },
  input: Uint8Array,
  random: Random,
): Outcome {
  const whole = feed(open(), input, []);
  compare(kind, input, whole);
  const cuts = random.cuts(input.length);
  const cut = feed(open(), input, cuts);
  demandEqual(
    [cut.end, { ...cut.outcome, end: 0 }],
    [whole.end, { ...whole.outcome, end: 0 }],
    `cut at ${cuts.join()} and whole`,
  );
  if (whole.end !== undefined) {
    const last = Buffer.from(input.subarray(whole.end - 4, whole.end)).toString('latin1');
    demand(last === '\r\n\r\n', 'the head does not end with an empty line');
    demand(whole.end <= limits.maxHeadSize, 'the head is longer than allowed');
  }
  demand(whole.outcome.state !== 'more' || input.length <= limits.maxHeadSize, 'reading on beyond the limit');
  return whole.outcome;
}

function written(startLine: string, rawHeaders: readonly string[]): Uint8Array {
  let text = `${startLine}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    text += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'latin1');
}

const factsOf = (request: OpeningRequest): readonly unknown[] => [
  request.method,
  request.target,
  request.path,
  request.query,
  request.host,
  [...request.headers],
  request.key,
  request.origin,
  request.subprotocols,
  request.extensions,
];

const counts = new Map([['a request was read by the short cut', 0]]);

/** What the two short cuts take, the parser and the judge take too, and with the same result. */
function tryShortCuts(input: Uint8Array): void {
  const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
    Buffer.from(bytes).toString('latin1', start, end);
  const whole = readWholeOpening(input, input.length, latin1);
  const long = new RequestHeadParser().push(input);
  if (whole === undefined) {
    if (long.state !== 'done') return;
    const common = acceptCommonOpening(long.head);
    if (common === undefined) return;
    const judged = checkOpeningRequest(long.head);
    demand(judged.ok, 'the short cut accepts what the judge refuses');
    demandEqual(factsOf(common), factsOf(judged.request), 'accepted by the short cut and by the judge');
    return;
  }
  demand(long.state === 'done', 'the short cut reads what the parser does not');
  demandEqual(whole.end, long.end, 'ends of the short cut and of the parser');
  const { method, target, httpVersion, rawHeaders } = whole.head;
  demandEqual(
    { method, target, httpVersion, rawHeaders },
    long.head,
    'heads of the short cut and the parser',
  );
  const judged = checkOpeningRequest(long.head);
  demand(judged.ok, 'the short cut accepts what the judge refuses');
  demandEqual(factsOf(whole.opening), factsOf(judged.request), 'accepted by the short cut and by the judge');
  for (const name of counts.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
}

export const requestHeadTarget: FuzzTarget = {
  name: 'request-head',
  property:
    'one outcome however cut, the same as a reference’s; refusals of the table only; read(write(head)) = head; judging never throws',
  generate: (random) => generateHead(random, 'request'),
  notes: () => counts,
  check(input, random) {
    tryShortCuts(input);
    const outcome = tryCuts('request', () => new RequestHeadParser(limits), input, random);
    if (outcome.state === 'refused') {
      demand(faultTexts.has(outcome.refusal.message), () => `unknown refusal ${outcome.refusal.message}`);
      return;
    }
    if (outcome.state === 'more') return;
    const { head } = outcome;
    const again = new RequestHeadParser().push(
      written(`${head.method} ${head.target} HTTP/${head.httpVersion}`, head.rawHeaders),
    );
    demandEqual(again.state === 'done' && again.head, head, 'read again and read');
    const judged = checkOpeningRequest(head);
    if (judged.ok) {
      demand(head.method === 'GET' && head.httpVersion === '1.1', 'accepted what is no GET of HTTP/1.1');
    } else {
      const answer = new ResponseHeadParser().push(Buffer.from(formatRefusal(judged.refusal)));
      demand(answer.state === 'done', 'the refusal is no HTTP response');
      demand(answer.head.status === judged.refusal.status, 'the refusal says another status');
    }
  },
};

export const responseHeadTarget: FuzzTarget = {
  name: 'response-head',
  property:
    'one outcome however cut, the same as a reference’s; failures of the tables only; read(write(head)) = head; judging never throws',
  generate: (random) => generateHead(random, 'response'),
  check(input, random) {
    const outcome = tryCuts('response', () => new ResponseHeadParser(limits), input, random);
    if (outcome.state === 'failed') {
      demand(failureNames.has(outcome.failure.reason), () => `unknown failure ${outcome.failure.reason}`);
      return;
    }
    if (outcome.state === 'more') return;
    const { head } = outcome;
    const again = new ResponseHeadParser().push(
      written(
        `HTTP/${head.httpVersion} ${String(head.status).padStart(3, '0')} ${head.statusText}`,
        head.rawHeaders,
      ),
    );
    demandEqual(again.state === 'done' && again.head, head, 'read again and read');
    const offered = [{ name: 'permessage-deflate', parameters: [] }];
    const judged = checkOpeningResponse(head, { accept, subprotocols: ['chat'], offeredExtensions: offered });
    if (judged.ok) demand(head.status === 101, 'accepted another status than 101');
    else demand(failureNames.has(judged.failure.reason), () => `unknown failure ${judged.failure.reason}`);
  },
};
