import { listen } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveConfig, sessionTimeoutVariable } from '../../src/framework/config.ts';
import { ConfigError } from '../../src/framework/errors.ts';

const thrownBy = (make: () => unknown): unknown => {
  try {
    make();
  } catch (error) {
    return error;
  }
  return undefined;
};

/** A value as JavaScript callers could pass it, past the types. */
const wrong = (record: Record<string, unknown>): object => record;

describe('resolveConfig', () => {
  afterEach(() => {
    delete process.env[sessionTimeoutVariable];
  });

  it('has the documented defaults', () => {
    const { settings, handshakeTimeout, origins, subprotocols, extension } = resolveConfig();
    expect(settings).toEqual({
      maxFrameSize: 1_048_576,
      maxMessageSize: 1_048_576,
      maxFragments: 131_072,
      acceptUnmaskedFrames: false,
      writeBufferSize: 131_072,
      maxWriteBufferSize: 1_048_576,
      overflow: 'wait',
      pingInterval: 20_000,
      pingTimeout: 20_000,
      idleTimeout: Infinity,
      sessionTimeout: 3_600_000,
      closeTimeout: 5_000,
    });
    expect(handshakeTimeout).toBe(10_000);
    expect(origins).toBe('same');
    expect(subprotocols).toEqual([]);
    expect(extension).toBeUndefined();
  });

  const faults: readonly (readonly [path: string, config: Record<string, unknown>, received: unknown])[] = [
    ['maxFrameSize', { maxFrameSize: 0 }, 0],
    ['maxFrameSize', { maxFrameSize: 1.5 }, 1.5],
    ['maxMessageSize', { maxMessageSize: '1' }, '1'],
    ['maxMessageSize', { maxMessageSize: Infinity }, Infinity],
    ['maxFragments', { maxFragments: -1 }, -1],
    ['acceptUnmaskedFrames', { acceptUnmaskedFrames: 1 }, 1],
    ['writeBufferSize', { writeBufferSize: Number.NaN }, Number.NaN],
    ['maxWriteBufferSize', { maxWriteBufferSize: null }, null],
    ['overflow', { overflow: 'drop' }, 'drop'],
    ['pingInterval', { pingInterval: -1 }, -1],
    ['pingTimeout', { pingTimeout: '5s' }, '5s'],
    ['idleTimeout', { idleTimeout: 2 ** 31 }, 2 ** 31],
    ['sessionTimeout', { sessionTimeout: Number.NaN }, Number.NaN],
    ['handshakeTimeout', { handshakeTimeout: true }, true],
    ['closeTimeout', { closeTimeout: {} }, {}],
    ['subprotocols', { subprotocols: 'v1' }, 'v1'],
    ['subprotocols[1]', { subprotocols: ['v1', 2] }, 2],
    ['origins', { origins: 'https://a.example' }, 'https://a.example'],
    ['origins', { origins: 5 }, 5],
    ['allowedHosts', { allowedHosts: 'localhost' }, 'localhost'],
    ['perMessageDeflate', { perMessageDeflate: 'on' }, 'on'],
    ['perMessageDeflate.level', { perMessageDeflate: { level: 99 } }, 99],
    ['headers', { headers: 'X: 1' }, 'X: 1'],
    ['headers', { headers: { 'X-A': 'b\r\nX-Evil: 1' } }, { 'X-A': 'b\r\nX-Evil: 1' }],
    ['headers', { headers: { 'Sec-WebSocket-Accept': 'x' } }, { 'Sec-WebSocket-Accept': 'x' }],
    ['onError', { onError: 'log' }, 'log'],
    ['maxMesageSize', { maxMesageSize: 1 }, 1],
  ];
  for (const [path, config, received] of faults) {
    it(`refuses ${JSON.stringify(config)} by name`, () => {
      const error = thrownBy(() => resolveConfig(wrong(config)));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ code: 'ERR_WS_CONFIG', path, received });
    });
  }

  it('takes 0 and Infinity as never', () => {
    const { settings } = resolveConfig({ pingInterval: 0, sessionTimeout: Infinity, closeTimeout: 0 });
    expect(settings).toMatchObject({
      pingInterval: Infinity,
      sessionTimeout: Infinity,
      closeTimeout: Infinity,
    });
  });

  it('takes the session timeout from the environment, in seconds', () => {
    process.env[sessionTimeoutVariable] = '90';
    expect(resolveConfig().settings.sessionTimeout).toBe(90_000);
    process.env[sessionTimeoutVariable] = '0';
    expect(resolveConfig().settings.sessionTimeout).toBe(Infinity);
    process.env[sessionTimeoutVariable] = 'Infinity';
    expect(resolveConfig().settings.sessionTimeout).toBe(Infinity);
    expect(resolveConfig({ sessionTimeout: 5 }).settings.sessionTimeout).toBe(5);
  });

  it('refuses a bad session timeout in the environment', () => {
    for (const text of ['soon', '-1', '1e99', '0x10', ' 5']) {
      process.env[sessionTimeoutVariable] = text;
      expect(thrownBy(() => resolveConfig())).toMatchObject({ path: sessionTimeoutVariable, received: text });
    }
  });

  it('keeps a throwing onError away from its caller', () => {
    const seen: unknown[] = [];
    const { onError } = resolveConfig({
      onError: (error) => {
        seen.push(error);
        throw new Error('from the listener');
      },
    });
    process.once('warning', () => {});
    expect(() => onError('x')).not.toThrow();
    expect(seen).toEqual(['x']);
  });

  it('is checked before anything listens', async () => {
    await expect(
      listen(0, () => Promise.reject(new Error('unused')), wrong({ tls: 5 })),
    ).rejects.toMatchObject({ path: 'tls' });
    await expect(
      listen(0, () => Promise.reject(new Error('unused')), wrong({ maxConnections: 0 })),
    ).rejects.toMatchObject({ path: 'maxConnections' });
    await expect(listen('localhost', () => Promise.reject(new Error('unused')))).rejects.toMatchObject({
      path: 'address',
    });
    await expect(listen(99_999, () => Promise.reject(new Error('unused')))).rejects.toMatchObject({
      path: 'address',
    });
  });
});
