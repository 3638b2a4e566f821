/**
 * Routes: exact paths and paths with `:params`.
 *
 * The rule of this file: a path is compared segment by segment after percent-decoding; an exact route wins over one
 * with params, and among those the first.
 */
import type { WebSocketContext } from './context.ts';
import { ConfigError } from './errors.ts';
import type { WebSocketResponse } from './response.ts';

/** Answers an opening request, at once or after a while. */
export type ContextHandler = (context: WebSocketContext) => WebSocketResponse | Promise<WebSocketResponse>;

/** Paths with their handlers, such as `{ '/ws': …, '/hello/:name': … }`. */
export type Routes = Readonly<Record<string, ContextHandler>>;

export interface Match {
  readonly handler: ContextHandler;
  readonly params: Readonly<Record<string, string>>;
}

export type Router = (path: string) => Match | undefined;

const noParams: Readonly<Record<string, string>> = Object.freeze({});

/** @throws {ConfigError} for a route that is no path, or a handler that is no function */
export function createRouter(routes: Routes | ContextHandler): Router {
  if (typeof routes === 'function') {
    const match: Match = { handler: routes, params: noParams };
    return () => match;
  }
  if (typeof routes !== 'object' || routes === null) {
    throw new ConfigError('routes', routes, 'a function, or paths with functions');
  }
  const exact = new Map<string, Match>();
  const patterns: { segments: readonly string[]; handler: ContextHandler }[] = [];
  for (const [path, handler] of Object.entries(routes)) {
    if (!path.startsWith('/'))
      throw new ConfigError(`routes[${JSON.stringify(path)}]`, path, 'a path that begins with /');
    if (typeof handler !== 'function')
      throw new ConfigError(`routes[${JSON.stringify(path)}]`, handler, 'a function');
    if (path.includes('/:')) patterns.push({ segments: path.split('/'), handler });
    else exact.set(path, { handler, params: noParams });
  }
  return (path) => {
    const found = exact.get(path);
    if (found !== undefined) return found;
    const segments = decodeSegments(path);
    if (segments === undefined) return undefined;
    for (const pattern of patterns) {
      const params = matchSegments(pattern.segments, segments);
      if (params !== undefined) return { handler: pattern.handler, params };
    }
    // A slash that came encoded is part of a segment, so it can not be the one between two.
    return segments.some((segment) => segment.includes('/')) ? undefined : exact.get(segments.join('/'));
  };
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  // No prototype: a param may be called anything.
  const params: Record<string, string> = Object.create(null);
  for (const [index, wanted] of pattern.entries()) {
    const given = segments[index] ?? '';
    if (wanted.startsWith(':')) {
      if (given === '') return undefined;
      params[wanted.slice(1)] = given;
    } else if (wanted !== given) {
      return undefined;
    }
  }
  return params;
}
