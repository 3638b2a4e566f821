import { describe, expect, it } from 'vitest';
import { checkOpeningResponse, type ResponseHead, responseFailures } from '../../src/handshake/index.ts';

const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const EXPECTED = {
  accept: ACCEPT,
  subprotocols: ['v2', 'v1'],
  offeredExtensions: [
    { name: 'a', parameters: [] },
    { name: 'a', parameters: [['x', '1']] as const },
    { name: 'b', parameters: [] },
  ],
};

const GOOD: readonly (readonly [string, string])[] = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Accept', ACCEPT],
];

type Change = { readonly [name: string]: string | readonly string[] };

/** A good head with some fields replaced, removed (empty list), repeated or added. */
function headWith(change: Change, line: Partial<ResponseHead> = {}): ResponseHead {
  const kept = GOOD.filter(([name]) => change[name] === undefined).flat();
  const added = Object.entries(change).flatMap(([name, value]) =>
    [value].flat().flatMap((text) => [name, text]),
  );
  return { httpVersion: '1.1', status: 101, statusText: '', rawHeaders: [...kept, ...added], ...line };
}

function judge(change: Change, line?: Partial<ResponseHead>, expected = EXPECTED): string {
  const outcome = checkOpeningResponse(headWith(change, line), expected);
  return outcome.ok ? 'accepted' : outcome.failure.reason;
}

describe('an acceptable response', () => {
  it('comes back as what was settled on', () => {
    const head = headWith({
      'Sec-WebSocket-Protocol': 'v1',
      'Sec-WebSocket-Extensions': 'b; y, a; x=1',
      'Set-Cookie': ['p', '\u00e9'],
    });
    expect(checkOpeningResponse(head, EXPECTED)).toEqual({
      ok: true,
      response: {
        subprotocol: 'v1',
        extensions: [
          { name: 'b', parameters: [['y', undefined]] },
          { name: 'a', parameters: [['x', '1']] },
        ],
        headers: new Map([
          ['upgrade', 'websocket'],
          ['connection', 'Upgrade'],
          ['sec-websocket-accept', ACCEPT],
          ['sec-websocket-protocol', 'v1'],
          ['sec-websocket-extensions', 'b; y, a; x=1'],
          ['set-cookie', 'p, \u00e9'],
        ]),
      },
    });
  });

  it('may decline everything', () => {
    expect(checkOpeningResponse(headWith({}), EXPECTED)).toMatchObject({
      response: { subprotocol: undefined, extensions: [] },
    });
  });
});

describe('each case and its outcome', () => {
  it.each<[id: string, outcome: string, change: Change, line?: Partial<ResponseHead>]>([
    ['T-CLI-200', 'notSwitching', {}, { status: 200 }],
    ['T-CLI-4XX', 'notSwitching', {}, { status: 401 }],
    ['T-CLI-4XX: whatever its version', 'notSwitching', {}, { status: 401, httpVersion: '1.0' }],
    ['T-CLI-101: interim', 'notSwitching', {}, { status: 100 }],
    ['T-CLI-101: HTTP/1.0', 'badHttpVersion', {}, { httpVersion: '1.0' }],
    ['T-CLI-101: HTTP/2.0', 'badHttpVersion', {}, { httpVersion: '2.0' }],
    ['T-CLI-101: Content-Length', 'bodyWith101', { 'content-length': '0' }],
    ['T-CLI-101: Transfer-Encoding', 'bodyWith101', { 'Transfer-Encoding': 'chunked' }],
    ['T-NONASCII: protocol', 'nonAscii', { 'Sec-WebSocket-Protocol': 'v1\u00e9' }],
    ['T-NONASCII: unknown one of ours', 'nonAscii', { 'SEC-WEBSOCKET-X': '\x80' }],
    ['T-NONASCII: elsewhere', 'accepted', { Server: '\u00e9' }],
    ['no Upgrade', 'badUpgrade', { Upgrade: [] }],
    ['other Upgrade', 'badUpgrade', { Upgrade: 'h2c' }],
    ['Upgrade list', 'badUpgrade', { Upgrade: 'h2c, websocket' }],
    ['Upgrade twice', 'badUpgrade', { Upgrade: ['websocket', 'websocket'] }],
    ['Upgrade with a version', 'badUpgrade', { Upgrade: 'websocket/13' }],
    ['Upgrade in any case', 'accepted', { Upgrade: 'WebSocket' }],
    ['no Connection', 'badConnection', { Connection: [] }],
    ['other Connection', 'badConnection', { Connection: 'close' }],
    ['Connection list', 'accepted', { Connection: 'keep-alive, UPGRADE' }],
    ['Connection twice', 'accepted', { Connection: ['keep-alive', 'Upgrade'] }],
    ['T-CLI-ACC: none', 'badAccept', { 'Sec-WebSocket-Accept': [] }],
    ['T-CLI-ACC: wrong', 'badAccept', { 'Sec-WebSocket-Accept': `x${ACCEPT.slice(1)}` }],
    ['T-CLI-ACC: other case', 'badAccept', { 'Sec-WebSocket-Accept': ACCEPT.toUpperCase() }],
    ['T-CLI-ACC: two', 'badAccept', { 'Sec-WebSocket-Accept': [ACCEPT, ACCEPT] }],
    ['T-CLI-ACC: a list', 'badAccept', { 'Sec-WebSocket-Accept': `${ACCEPT}, ${ACCEPT}` }],
    ['T-CLI-EXT: protocol not requested', 'unrequestedSubprotocol', { 'Sec-WebSocket-Protocol': 'v3' }],
    ['T-CLI-EXT: protocol in other case', 'unrequestedSubprotocol', { 'Sec-WebSocket-Protocol': 'V1' }],
    [
      'T-CLI-EXT: protocol of Object.prototype',
      'unrequestedSubprotocol',
      { 'Sec-WebSocket-Protocol': 'constructor' },
    ],
    ['T-CLI-EXT: two protocols in a list', 'badSubprotocol', { 'Sec-WebSocket-Protocol': 'v1, v2' }],
    ['T-CLI-EXT: two protocol fields', 'badSubprotocol', { 'Sec-WebSocket-Protocol': ['v1', 'v1'] }],
    ['T-CLI-EXT: empty protocol', 'badSubprotocol', { 'Sec-WebSocket-Protocol': '' }],
    ['T-CLI-EXT: extension not offered', 'unrequestedExtension', { 'Sec-WebSocket-Extensions': 'a, c' }],
    [
      'T-CLI-EXT: extension of Object.prototype',
      'unrequestedExtension',
      { 'Sec-WebSocket-Extensions': '__proto__' },
    ],
    ['T-CLI-EXT: extension twice', 'repeatedExtension', { 'Sec-WebSocket-Extensions': 'a, a; x=1' }],
    ['T-CLI-EXT: two extension fields', 'badExtensions', { 'Sec-WebSocket-Extensions': ['a', 'b'] }],
    ['T-CLI-EXT: bad syntax', 'badExtensions', { 'Sec-WebSocket-Extensions': 'a;' }],
    ['T-CLI-EXT: empty', 'badExtensions', { 'Sec-WebSocket-Extensions': '' }],
  ])('%s: %s', (_id, outcome, change, line) => {
    expect(judge(change, line)).toBe(outcome);
  });

  it('T-CLI-EXT: who asked for nothing gets nothing', () => {
    const nothing = { accept: ACCEPT, subprotocols: [], offeredExtensions: [] };
    expect(judge({}, {}, nothing)).toBe('accepted');
    expect(judge({ 'Sec-WebSocket-Protocol': 'v1' }, {}, nothing)).toBe('unrequestedSubprotocol');
    expect(judge({ 'Sec-WebSocket-Extensions': 'a' }, {}, nothing)).toBe('unrequestedExtension');
  });
});

describe('failures', () => {
  it('say which status came instead', () => {
    expect(checkOpeningResponse(headWith({}, { status: 403 }), EXPECTED)).toEqual({
      ok: false,
      failure: { reason: 'notSwitching', message: 'The server answered 403 instead of 101.' },
    });
  });

  it.each(Object.entries(responseFailures))('%s is one ASCII sentence', (_reason, message) => {
    expect(message).toMatch(/^[A-Z][\x20-\x7e]+\.$/);
  });

  it('say what is wrong with a 101', () => {
    expect(checkOpeningResponse(headWith({ Upgrade: 'h2c' }), EXPECTED)).toEqual({
      ok: false,
      failure: { reason: 'badUpgrade', message: responseFailures.badUpgrade },
    });
  });
});
