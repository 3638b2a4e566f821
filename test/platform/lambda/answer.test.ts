import { describe, expect, it } from 'vitest';
import {
  allowsOrigin,
  firstSupported,
  isAcceptance,
  judgeAnswer,
} from '../../../src/platform/lambda/answer.ts';
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

describe('an origin', () => {
  const from = (...headers: string[]): ConnectEvent => {
    const event = readEvent(
      connectEvent(connection, ['Host', 'ws.example.com', ...headers]),
      () => undefined,
    );
    if (event.type !== 'CONNECT') throw new Error(event.type);
    return event;
  };

  it('is allowed by a list, by everyone, by Host, or by a function that says true', () => {
    const page = from('origin', 'https://app.example');
    expect(allowsOrigin('*', page)).toBe(true);
    expect(allowsOrigin(['HTTPS://APP.example:443'], page)).toBe(true);
    expect(allowsOrigin(['https://app.example.evil.example', 'http://app.example'], page)).toBe(false);
    expect(allowsOrigin((origin, { query }) => origin.endsWith('.example') && query.size === 0, page)).toBe(
      true,
    );
    expect(allowsOrigin('same', page)).toBe(false);
    expect(allowsOrigin('same', from('Origin', 'https://ws.example.com'))).toBe(true);
  });

  it('is refused when it is opaque, doubled or half said', () => {
    const policy = ['https://app.example'];
    for (const origin of ['null', '', 'app.example', 'https://app.example, https://evil.example'])
      expect(allowsOrigin(policy, from('Origin', origin))).toBe(false);
    expect(
      allowsOrigin(policy, from('Origin', 'https://app.example', 'origin', 'https://evil.example')),
    ).toBe(false);
    const promises = Reflect.apply(allowsOrigin, undefined, [async () => true, from('Origin', 'https://x')]);
    expect(promises).toBe(false);
  });

  it('that is missing comes from no page', () => {
    expect(allowsOrigin([], from())).toBe(true);
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
