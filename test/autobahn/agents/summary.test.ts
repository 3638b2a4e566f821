import { describe, expect, it } from 'vitest';
import { overview, type Summary, verdictsOf } from '../../../autobahn/agents/summary.ts';
import type { CaseResult } from '../../../autobahn/result.ts';
import { WireLog } from '../../../autobahn/wire/log.ts';

function result(
  id: string,
  behavior: CaseResult['behavior'],
  behaviorClose: CaseResult['behaviorClose'] = behavior,
): CaseResult {
  return {
    id,
    behavior,
    behaviorClose,
    agent: 'peer',
    result: '',
    resultClose: '',
    description: '',
    expectation: '',
    started: '2026-11-25T00:00:00.000Z',
    duration: 1,
    isServer: false,
    httpRequest: '',
    httpResponse: '',
    closedByMe: true,
    droppedByMe: false,
    wasClean: true,
    localClose: null,
    remoteClose: null,
    expected: {},
    expectedClose: null,
    received: [],
    log: new WireLog(),
  };
}

const verdicts = verdictsOf([
  result('2.10', 'OK'),
  result('2.9', 'OK'),
  result('9.3.1', 'FAILED'),
  result('9.3.2', 'FAILED'),
  result('9.3.3', 'FAILED'),
  result('9.4.1', 'FAILED'),
  result('6.4.1', 'NON-STRICT', 'OK'),
  result('7.1.6', 'INFORMATIONAL'),
  result('20.4.2', 'OK', 'UNCLEAN'),
]);

const summary: Summary = {
  agent: 'peer',
  role: 'server',
  version: '1.2.3',
  suite: 'framewright 0.1.0',
  node: '20.19.0',
  platform: 'linux x64',
  day: '2026-11-25',
  verdicts,
};

describe('the summary of a run', () => {
  it('has the ids by verdict, in order, and tells a closing that differs', () => {
    expect(verdicts).toEqual({
      OK: ['2.9', '2.10'],
      'NON-STRICT': ['6.4.1'],
      INFORMATIONAL: ['7.1.6'],
      FAILED: ['9.3.1', '9.3.2', '9.3.3', '9.4.1'],
      'OK, closing UNCLEAN': ['20.4.2'],
    });
  });

  it('counts the cases of the original and those beyond apart, each by the worse of its verdicts', () => {
    expect(overview([summary])).toContain(
      '| peer | 1.2.3 | server | 2 OK, 1 NON-STRICT, 1 INFORMATIONAL, 4 FAILED | 1 FAILED |',
    );
  });

  it('names the cases that are not OK, neighbours as a range', () => {
    const text = overview([summary]);
    expect(text).toContain('| FAILED | 9.3.1 to 9.3.3, 9.4.1 | · |');
    expect(text).toContain('| OK, closing UNCLEAN | · | 20.4.2 |');
  });

  it('says so when every case is OK', () => {
    expect(overview([{ ...summary, verdicts: { OK: ['1.1.1'] } }])).toContain('Every case is OK.');
  });
});
