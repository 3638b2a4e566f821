import { describe, expect, it } from 'vitest';
import { firstSupported, isAcceptance, judgeAnswer } from '../../../src/platform/lambda/answer.ts';
import { ConfigError, StateError } from '../../../src/platform/lambda/errors.ts';
import { type ConnectEvent, readEvent } from '../../../src/platform/lambda/event.ts';
import { connectEvent } from './gateway-events.ts';
import { connection } from './invocation.ts';

function offering(offered: string, supported: readonly string[] = []): ConnectEvent {
  const raw = connectEvent(connection, ['sec-websocket-protocol', offered]);
  const event = readEvent(raw, firstSupported(supported));
  if (event.type !== 'CONNECT') throw new Error(event.type);
  return event;
}

describe('accept', () => {
  it('names the subprotocol in the header that API Gateway reads', () => {
    expect(offering('v1, v2').accept('v2')).toEqual({
      statusCode: 200,
      headers: { 'Sec-WebSocket-Protocol': 'v2' },
    });
  });

  it('refuses one that was not offered, in its exact case', () => {
    expect(() => offering('v1').accept('v2')).toThrow(StateError);
    expect(() => offering('V1').accept('v1')).toThrow(StateError);
    expect(() => offering('').accept('v1')).toThrow(/offered: none/);
  });

  it('takes the first offered one of those supported, else none', () => {
    expect(offering('v1, v2', ['v2', 'v1']).accept().headers).toEqual({ 'Sec-WebSocket-Protocol': 'v1' });
    expect(offering('v3', ['v2', 'v1']).accept()).toEqual({ statusCode: 200 });
  });
});

describe('reject', () => {
  it('has 403 by default, and carries status and body', () => {
    expect(offering('').reject()).toEqual({ statusCode: 403 });
    expect(offering('').reject(401, 'who are you?')).toEqual({ statusCode: 401, body: 'who are you?' });
  });

  it('never takes a status that would let the client in', () => {
    for (const status of [200, 204, 101, 302, 399, 600, 403.5, Number.NaN]) {
      expect(() => offering('').reject(status)).toThrow(RangeError);
    }
  });
});

describe('what a connect handler returned', () => {
  it('accepts on nothing, and passes an answer on', () => {
    const event = offering('v1', ['v1']);
    expect(judgeAnswer(event, undefined)).toEqual(event.accept('v1'));
    expect(judgeAnswer(event, event.reject(404))).toEqual({ statusCode: 404 });
  });

  it('is an error when it is no answer: such a value must not let a client in', () => {
    for (const value of [
      false,
      true,
      null,
      403,
      'no',
      {},
      { statusCode: '403' },
      { statusCode: Number.NaN },
    ]) {
      expect(() => judgeAnswer(offering(''), value)).toThrow(ConfigError);
    }
  });

  it('is an error when a hand-made acceptance names a subprotocol that was not offered', () => {
    const made = { statusCode: 200, headers: { 'sec-websocket-PROTOCOL': 'v9' } };
    expect(() => judgeAnswer(offering('v1'), made)).toThrow(StateError);
    expect(judgeAnswer(offering('v9'), made)).toBe(made);
  });

  it('counts as accepting in the 200s only', () => {
    const statuses = [199, 200, 204, 299, 300, 403, 500];
    expect(statuses.filter((statusCode) => isAcceptance({ statusCode }))).toEqual([200, 204, 299]);
  });
});
