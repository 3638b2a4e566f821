import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { byId } from '../../autobahn/cases/index.ts';
import { passes } from '../../autobahn/judge.ts';
import { judgeClients, type Suite } from '../../autobahn/judge-client.ts';
import type { CaseResult } from '../../autobahn/result.ts';
import { select } from '../../autobahn/select.ts';
import { OPCODE, writeFrame } from '../../autobahn/wire/frame.ts';

const TIMING = { pause: 200, fail: 600, drop: 300 };

let suite: Suite | null = null;
let results: CaseResult[] = [];
let updates: string[] = [];

async function serve(ids: string): Promise<Suite> {
  results = [];
  updates = [];
  suite = await judgeClients(
    {
      cases: select({ only: ids.split(' '), exclude: [] }, 'server'),
      timing: TIMING,
      onResult: (result) => results.push(result),
      onUpdate: (agent) => updates.push(agent),
    },
    '127.0.0.1',
    0,
  );
  return suite;
}

afterEach(async () => {
  await suite?.close();
  suite = null;
});

/** One connection of a client walk: echoes what comes, resolves with the first message. */
function visit(path: string, echo: boolean): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${suite?.url}${path}`, { maxPayload: 32 << 20 });
    let first: string | null = null;
    socket.on('message', (data, isBinary) => {
      first ??= data.toString();
      if (echo) socket.send(data, { binary: isBinary });
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(first));
  });
}

async function walk(agent: string): Promise<string[]> {
  const count = Number(await visit('/getCaseCount', false));
  for (let number = 1; number <= count; number++) await visit(`/runCase?case=${number}&agent=${agent}`, true);
  await visit(`/updateReports?agent=${agent}`, false);
  return results.filter((result) => !passes(result, true)).map(({ id }) => id);
}

describe('judging clients', () => {
  it('lets an Autobahn client walk through and judges ws as the original does', async () => {
    await serve(
      '1.1.1 1.1.7 1.2.2 2.1 2.5 2.10 3.1 3.2 4.1.3 5.3 5.9 6.2.1 6.3.1 6.4.1 6.4.3 7.1.1 7.1.6 7.3.2 7.7.1 7.9.1 9.1.1 12.5.2 13.3.1 22.4.* 24.1.1',
    );
    expect(await walk('ws')).toEqual(['6.4.1', '6.4.3']);
    const verdicts = new Map(results.map(({ id, behavior }) => [id, behavior]));
    expect(verdicts.get('6.4.1')).toBe('NON-STRICT');
    expect(verdicts.get('7.1.6')).toBe('INFORMATIONAL');
    expect(updates).toEqual(['ws']);
  });

  it('answers the questions of the original about cases and their state', async () => {
    await serve('1.1.1 2.1');
    expect(await visit('/getCaseInfo?case=2', false)).toContain('"id":"2.1"');
    expect(await visit('/getCaseStatus?case=1&agent=a', false)).toBe('{"behavior":"UNIMPLEMENTED"}');
    await visit('/runCase?casetuple=1.1.1&agent=a', true);
    await visit('/updateReports?agent=a', false);
    expect(await visit('/getCaseStatus?case=1&agent=a', false)).toBe('{"behavior":"OK"}');
  });

  it('finds UNIMPLEMENTED where a client offers no compression', async () => {
    await serve('12.1.1');
    const socket = new WebSocket(`${suite?.url}/runCase?case=1&agent=plain`, { perMessageDeflate: false });
    await new Promise((resolve) => socket.on('close', resolve));
    await visit('/updateReports?agent=plain', false);
    expect(results.map(({ behavior }) => behavior)).toEqual(['UNIMPLEMENTED']);
  });

  it('finds the hostile answers that ws takes for good', async () => {
    await serve(
      '25.1.1 25.1.2 25.1.5 25.2.* 25.3.1 25.3.4 25.3.6 25.3.11 25.4.* 25.5.1 25.5.2 25.5.5 25.5.9 25.6.1',
    );
    expect(await walk('ws')).toEqual(['25.3.11', '25.5.9']);
  });
});

const PING = Buffer.from('still there?');

/** A client that never closes. One that `believes` also answers the ping behind whatever answer it gets. */
function passive(path: string, believes: boolean): Promise<void> {
  const url = new URL(`${suite?.url}${path}`);
  return new Promise((resolve) => {
    const socket: Socket = connect(Number(url.port), url.hostname);
    socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let seen = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      seen = Buffer.concat([seen, chunk]);
      if (believes && seen.includes(PING))
        socket.write(writeFrame({ opcode: OPCODE.pong, payload: PING }, true));
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

describe('a client that believes everything', () => {
  it('fails every hostile answer', async () => {
    await serve('25.2.1 25.3.2 25.4.1 25.5.1 25.6.1 25.7.1');
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map((number) => passive(`/runCase?case=${number}&agent=believer`, true)),
    );
    await visit('/updateReports?agent=believer', false);
    expect(results.sort((a, b) => byId(a.id, b.id)).map(({ id, behavior }) => `${id} ${behavior}`)).toEqual(
      ['25.2.1', '25.3.2', '25.4.1', '25.5.1', '25.6.1', '25.7.1'].map((id) => `${id} FAILED`),
    );
  });

  it('is told from one that falls silent and leaves TCP open', async () => {
    await serve('25.2.1');
    await passive('/runCase?case=1&agent=silent', false);
    await visit('/updateReports?agent=silent', false);
    expect(results).toMatchObject([{ behavior: 'NON-STRICT', behaviorClose: 'FAILED' }]);
  });

  it('fails the cases that need an answer, or an end', async () => {
    await serve('1.1.1 2.1 3.1');
    await Promise.all([1, 2, 3].map((number) => passive(`/runCase?case=${number}&agent=believer`, true)));
    await visit('/updateReports?agent=believer', false);
    expect(results.map(({ behavior }) => behavior)).toEqual(['FAILED', 'FAILED', 'FAILED']);
  });
});
