import { afterEach, describe, expect, it, vi } from 'vitest';
import { configuredEndpoint, endpointOf } from '../../../src/platform/lambda/endpoint.ts';
import { ConfigError, UnsupportedError } from '../../../src/platform/lambda/errors.ts';
import type { GatewayEvent } from '../../../src/platform/lambda/gateway.ts';
import { messageEvent } from './gateway-events.ts';
import { connection } from './invocation.ts';

function eventAt(overrides: Partial<GatewayEvent['requestContext']>): GatewayEvent {
  const event = messageEvent(connection, '');
  return { ...event, requestContext: { ...event.requestContext, ...overrides } };
}

afterEach(() => vi.unstubAllEnvs());

describe('the endpoint of an event', () => {
  it.each([
    ['abcdef1234.execute-api.eu-central-1.amazonaws.com', 'eu-central-1'],
    ['abcdef1234.execute-api.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['abcdef1234.execute-api.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['abcdef1234.execute-api.eu-west-1.api.aws', 'eu-west-1'],
    ['abcdef1234-vpce-0a1b2c.execute-api.eu-west-1.amazonaws.com', 'eu-west-1'],
  ])('is the host that the client used, with the stage: %s', (domainName, region) => {
    expect(endpointOf(eventAt({ domainName }), {})).toEqual({ url: `https://${domainName}/prod`, region });
  });

  it('is the API’s own host under a custom domain, whose path the event does not tell', () => {
    vi.stubEnv('AWS_REGION', 'eu-north-1');
    expect(endpointOf(eventAt({ domainName: 'ws.example.com' }), {})).toEqual({
      url: 'https://abcdef1234.execute-api.eu-north-1.amazonaws.com/prod',
      region: 'eu-north-1',
    });
    expect(endpointOf(eventAt({ domainName: 'ws.example.com' }), { region: 'cn-north-1' }).url).toBe(
      'https://abcdef1234.execute-api.cn-north-1.amazonaws.com.cn/prod',
    );
  });

  it('is never a host that only looks like one of AWS: credentials would go there', () => {
    vi.stubEnv('AWS_REGION', 'eu-north-1');
    const hosts = [
      'abcdef1234.execute-api.eu-west-1.amazonaws.com.evil.example',
      'evil.example/abcdef1234.execute-api.eu-west-1.amazonaws.com',
      'evil.example#.execute-api.eu-west-1.amazonaws.com',
      'x@evil.example:443.execute-api.eu-west-1.amazonaws.com',
      'abcdef1234.execute-api.eu-west-1.amazonaws.com\n',
    ];
    for (const domainName of hosts) {
      const { url } = endpointOf(eventAt({ domainName }), {});
      expect(new URL(url).host).toBe('abcdef1234.execute-api.eu-north-1.amazonaws.com');
    }
  });

  it('is refused for a malformed stage or API id', () => {
    expect(() => endpointOf(eventAt({ stage: '../x' }), {})).toThrow(UnsupportedError);
    const odd = eventAt({ domainName: 'ws.example.com', apiId: 'evil.example/' });
    expect(() => endpointOf(odd, { region: 'eu-west-1' })).toThrow(UnsupportedError);
  });
});

describe('a configured endpoint', () => {
  it('wins over the event, as text or as a function of it', () => {
    const endpoint = 'https://ws.example.com/chat/';
    const expected = { url: 'https://ws.example.com/chat', region: 'eu-west-1' };
    expect(endpointOf(eventAt({}), { endpoint, region: 'eu-west-1' })).toEqual(expected);
    const byStage = (event: GatewayEvent) => `https://ws.example.com/${event.requestContext.stage}`;
    expect(endpointOf(eventAt({}), { endpoint: byStage, region: 'eu-west-1' }).url).toBe(
      'https://ws.example.com/prod',
    );
  });

  it('takes the region from an AWS host, else from AWS_REGION, else it is an error', () => {
    const own = 'https://abcdef1234.execute-api.eu-west-1.amazonaws.com/prod';
    expect(configuredEndpoint(own, undefined).region).toBe('eu-west-1');
    vi.stubEnv('AWS_REGION', '');
    expect(() => configuredEndpoint('https://ws.example.com', undefined)).toThrow(ConfigError);
    vi.stubEnv('AWS_REGION', 'eu-north-1');
    expect(configuredEndpoint('https://ws.example.com', undefined).region).toBe('eu-north-1');
  });

  it('is an http(s) URL', () => {
    for (const endpoint of ['ws.example.com/prod', 'wss://ws.example.com/prod', '']) {
      expect(() => configuredEndpoint(endpoint, 'eu-west-1')).toThrow(ConfigError);
    }
  });
});
