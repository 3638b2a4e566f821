/**
 * The request target, taken as opaque text.
 *
 * One rule: nothing is resolved, decoded or normalised, and the host comes from the Host field only; `//x` is a path.
 * RFC 9112 §3.2.1 (origin-form), §3.2.2 (absolute-form); the other two forms are not for GET.
 */

export interface Target {
  /** As received, without the query; begins with `/`. */
  readonly path: string;
  /** Without its `?`; empty when there is none. */
  readonly query: string;
}

/** Visible ASCII without `#`: a fragment is never sent (RFC 9110 §7.1). */
const TARGET = /^[\x21\x22\x24-\x7e]+$/;
const SCHEME = /^(?:https?|wss?):\/\//i;

/** Whether the text can stand in a request line as origin-form. */
export function isOriginForm(target: string): boolean {
  return TARGET.test(target) && target.startsWith('/');
}

function splitQuery(local: string): Target {
  const pathEnd = local.indexOf('?');
  if (pathEnd < 0) return { path: local, query: '' };
  return { path: local.slice(0, pathEnd), query: local.slice(pathEnd + 1) };
}

/**
 * Takes a target apart.
 *
 * @param host the Host field; the authority of an absolute-form must equal it, without regard to case
 * @returns undefined for every other form, a fragment, or a foreign authority
 */
export function parseTarget(target: string, host: string): Target | undefined {
  if (!TARGET.test(target)) return undefined;
  if (target.startsWith('/')) return splitQuery(target);
  const scheme = SCHEME.exec(target);
  if (scheme === null) return undefined;
  const rest = target.slice(scheme[0].length);
  const authorityEnd = rest.search(/[/?]|$/);
  if (rest.slice(0, authorityEnd).toLowerCase() !== host.toLowerCase()) return undefined;
  const local = rest.slice(authorityEnd);
  return splitQuery(local.startsWith('/') ? local : `/${local}`);
}
