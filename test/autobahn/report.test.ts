import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeHtml } from '../../autobahn/report/html.ts';
import { type Index, writeJson } from '../../autobahn/report/json.ts';
import type { CaseResult } from '../../autobahn/result.ts';
import { runAgainstServer } from '../../autobahn/run.ts';
import { select } from '../../autobahn/select.ts';
import { parseTarget } from '../../autobahn/target.ts';
import { flawedPeer } from './flawed-peer.ts';

const AGENT = 'a peer </script><b>';
let directory = '';
let results: readonly CaseResult[] = [];
let index: Index = {};

async function judged(agent: string): Promise<readonly CaseResult[]> {
  const peer = await flawedPeer('never pongs');
  try {
    const cases = select({ only: ['1.1.1', '2.1', '7.7.2', '9.1.1'], exclude: [] }, 'client');
    const timing = { pause: 100, fail: 200, drop: 100 };
    return (await runAgainstServer(parseTarget(peer.url), cases, { agent, timing })).results;
  } finally {
    await peer.close();
  }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'conform-'));
  results = await judged(AGENT);
  index = writeJson(directory, results);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the JSON report', () => {
  it('has an index in the shape of the original', () => {
    const read: unknown = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));
    expect(read).toEqual(index);
    const own = index[AGENT] ?? {};
    expect(Object.keys(own)).toEqual(['1.1.1', '2.1', '7.7.2', '9.1.1']);
    expect(own['1.1.1']).toEqual({
      behavior: 'OK',
      behaviorClose: 'OK',
      duration: expect.any(Number),
      remoteCloseCode: 1000,
      reportfile: 'a_peer_script_b_case_1_1_1.json',
    });
    expect(own['7.7.2']?.remoteCloseCode).toBe(1001);
    expect(own['2.1']?.behavior).toBe('FAILED');
  });

  it('has a file for each case, with what went over the wire', () => {
    const text = readFileSync(join(directory, 'a_peer_script_b_case_2_1.json'), 'utf8');
    const document: unknown = JSON.parse(text);
    expect(document).toMatchObject({
      id: '2.1',
      agent: AGENT,
      isServer: false,
      expected: { OK: [['pong', '']] },
      expectedClose: { closedByMe: true, closeCode: [1000], requireClean: true },
      received: [],
    });
    expect(text).toMatch(/"TF",\s+\[\s+0,\s+""\s+\],\s+9,/);
    expect(text).toContain('Sec-WebSocket-Key');
  });

  it('keeps the agents of earlier runs', async () => {
    const later = writeJson(directory, await judged('another'));
    expect(Object.keys(later)).toEqual([AGENT, 'another']);
    expect(later[AGENT]).toEqual(index[AGENT]);
  });
});

/** What the page is made from. */
const dataOf = (html: string): unknown =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? '');

describe('the HTML report', () => {
  it('is one file that shows every agent and lets no peer write markup', () => {
    const file = join(directory, 'report.html');
    writeHtml(file, results, { directory, index: writeJson(directory, results) });
    const html = readFileSync(file, 'utf8');
    expect(html).not.toContain('</script><b>');
    expect(html).not.toMatch(/<(link|img)\b|src=/);
    expect(dataOf(html)).toMatchObject({
      agents: [AGENT, 'another'],
      about: { '2.1': [expect.any(String), expect.any(String)] },
      cases: expect.arrayContaining([
        expect.objectContaining({ agent: 0, id: '1.1.1', wirelog: expect.any(Array) }),
        expect.objectContaining({ agent: 0, id: '2.1', behavior: 'FAILED', wirelog: expect.any(Array) }),
      ]),
    });
  });

  it('holds the wire logs of what failed only, when told so', () => {
    const file = join(directory, 'brief.html');
    writeHtml(file, results, undefined, 'failed');
    expect(dataOf(readFileSync(file, 'utf8'))).toMatchObject({
      agents: [AGENT],
      cases: [
        { agent: 0, id: '1.1.1' },
        { id: '2.1', behavior: 'FAILED', wirelog: expect.any(Array) },
        { agent: 0, id: '7.7.2' },
        { agent: 0, id: '9.1.1' },
      ],
    });
  });

  it('stays small whatever the cases moved', () => {
    const file = join(directory, 'small.html');
    writeHtml(file, results);
    expect(readFileSync(file).length).toBeLessThan(200_000);
  });
});
