import { describe, expect, it } from 'vitest';
import { ConfigError, LambdaWebSocket } from '../../../src/platform/lambda/index.ts';
import { readOptions } from '../../../src/platform/lambda/options.ts';

const make = (options: object, handlers: object = () => {}) =>
  Reflect.apply(LambdaWebSocket.handle, LambdaWebSocket, [handlers, options]);

describe('options', () => {
  it('have the defaults that their docs name', () => {
    expect(readOptions({})).toMatchObject({
      binary: 'refuse',
      maxMessageSize: 128 * 1024,
      attempts: 4,
      retryDelay: 100,
      maxRetryDelay: 2_000,
      requestTimeout: 5_000,
    });
  });

  it('are judged when the handler is made', () => {
    const bad: [string, unknown][] = [
      ['enpoint', 'https://ws.example.com'],
      ['toString', undefined],
      ['endpoint', 7],
      ['endpoint', ''],
      ['endpoint', 'wss://ws.example.com/prod'],
      ['region', ''],
      ['clientConfig', null],
      ['managementApi', {}],
      ['binary', 'blob'],
      ['maxMessageSize', 0],
      ['subprotocols', 'v1'],
      ['subprotocols', ['']],
      ['origins', 'https://app.example'],
      ['origins', ['']],
      ['attempts', 0],
      ['retryDelay', -1],
      ['maxRetryDelay', Number.POSITIVE_INFINITY],
      ['requestTimeout', 0.5],
      ['onError', true],
      ['sleep', 1],
      ['random', 1],
    ];
    for (const [name, value] of bad) {
      expect(() => make({ [name]: value }), name).toThrow(
        expect.objectContaining({ path: name, received: value }),
      );
    }
  });

  it('may be undefined', () => {
    expect(() => make({ attempts: undefined, onError: undefined })).not.toThrow();
  });
});

describe('handlers', () => {
  it('are judged when the handler is made', () => {
    for (const handlers of [{ conect: () => {} }, { message: 'x' }, { routes: { join: 1 } }]) {
      expect(() => make({}, handlers)).toThrow(ConfigError);
    }
    expect(() => make({}, { routes: { $connect: () => {} } })).toThrow(/as connect/);
  });
});

describe('peers outside of an event', () => {
  it('need an endpoint', () => {
    const open = (options: object) => Reflect.apply(LambdaWebSocket.peers, LambdaWebSocket, [options]);
    expect(() => open({})).toThrow(ConfigError);
    expect(() => open({ endpoint: '', region: 'eu-west-1' })).toThrow(ConfigError);
    expect(() => open({ endpoint: () => 'https://ws.example.com' })).toThrow(ConfigError);
  });
});
