/**
 * Where the management API of an event's connection is: `https://{api}.execute-api.{region}.amazonaws.com/{stage}`.
 *
 * The rule of this file: calls carry the function's credentials, so they go to an AWS host or to one that the
 * options name, never to a host that merely stands in an event. Under a custom domain the API's own host is used,
 * because the domain's path is a mapping that the event does not tell.
 */
import { ConfigError, UnsupportedError } from './errors.ts';
import type { GatewayEvent, GatewayRequestContext } from './gateway.ts';

/** Where calls of the management API go. */
export interface ManagementEndpoint {
  /** With the stage (or the mapping of a custom domain) as path, without a slash at the end. */
  readonly url: string;
  /** Region that signatures name. */
  readonly region: string;
}

/** How options override what the event tells. */
export interface EndpointOptions {
  readonly endpoint?: string | ((event: GatewayEvent) => string) | undefined;
  readonly region?: string | undefined;
}

/** The host that AWS gives to every API, with VPC endpoints, dual-stack hosts and China's domain. */
const awsHost = /^[a-z0-9-]+\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;
const apiId = /^[a-z0-9]+$/;
const stageName = /^[\w$-]+$/;

/**
 * The endpoint for an event.
 *
 * @throws ConfigError when the options' endpoint is no http(s) URL, or the region is not known
 * @throws UnsupportedError when the event's API id or stage is malformed
 */
export function endpointOf(event: GatewayEvent, options: EndpointOptions): ManagementEndpoint {
  const { endpoint } = options;
  if (endpoint !== undefined) {
    return configuredEndpoint(typeof endpoint === 'function' ? endpoint(event) : endpoint, options.region);
  }
  const context = event.requestContext;
  if (!stageName.test(context.stage)) throw new UnsupportedError('the event has a malformed stage');
  const match = awsHost.exec(context.domainName);
  if (match?.[1] === undefined) return ownHost(context, options.region);
  return { url: `https://${context.domainName}/${context.stage}`, region: options.region ?? match[1] };
}

/** What an endpoint has to be. */
export const endpointExpected = 'an http(s) URL with the stage as path';

/** Whether the text can be an endpoint. */
export const isEndpoint = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/**
 * An endpoint that the options name.
 *
 * @throws ConfigError when it is no http(s) URL, or the region is not known
 */
export function configuredEndpoint(endpoint: string, region: string | undefined): ManagementEndpoint {
  if (!isEndpoint(endpoint)) throw new ConfigError('endpoint', endpoint, endpointExpected);
  const url = new URL(endpoint);
  const known = region ?? awsHost.exec(url.hostname)?.[1];
  return { url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''), region: known ?? regionOfFunction() };
}

function ownHost(context: GatewayRequestContext, configured: string | undefined): ManagementEndpoint {
  if (!apiId.test(context.apiId)) throw new UnsupportedError('the event has a malformed API id');
  const region = configured ?? regionOfFunction();
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { url: `https://${context.apiId}.execute-api.${region}.${domain}/${context.stage}`, region };
}

/** Lambda's runtime always sets AWS_REGION. */
function regionOfFunction(): string {
  const { AWS_REGION: region } = process.env;
  if (!region) throw new ConfigError('region', undefined, 'a region, since AWS_REGION is not set');
  return region;
}
