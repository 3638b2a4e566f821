/**
 * The client's judgement of a response head.
 *
 * One rule: checks run in the order of the code and the first that is not met decides; nothing that the client did not
 * ask for is accepted. Parameters of an extension are judged by the extension itself.
 * RFC 6455 §4.1 (the client's checks 1 to 6), §11.3; RFC 9110 §8.6, §15.2.2.
 */
import { isToken, listHolds } from './characters.ts';
import { type ExtensionOffer, parseExtensions } from './extensions.ts';
import {
  collectFields,
  type Fields,
  hasOpaqueHandshakeField,
  joinedField,
  joinFields,
  singleField,
} from './fields.ts';
import { type ResponseFailure, responseFailures } from './response-failure.ts';
import type { ResponseHead } from './response-head.ts';

/** What the client sent, and so may get back. */
export interface ExpectedResponse {
  /** See `acceptValue`. */
  readonly accept: string;
  readonly subprotocols: readonly string[];
  readonly offeredExtensions: readonly ExtensionOffer[];
}

/** What the server settled on. */
export interface OpeningResponse {
  readonly subprotocol: string | undefined;
  /** In the server's order, each name at most once. */
  readonly extensions: readonly ExtensionOffer[];
  /** Lower-case names; repeated fields joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
}

export type OpeningResponseOutcome =
  | { readonly ok: true; readonly response: OpeningResponse }
  | { readonly ok: false; readonly failure: ResponseFailure };

type FailureName = keyof typeof responseFailures;

function checkSwitch(head: ResponseHead, fields: Fields, accept: string): FailureName | undefined {
  if (head.status !== 101) return 'notSwitching';
  if (head.httpVersion !== '1.1') return 'badHttpVersion';
  if (fields.has('content-length') || fields.has('transfer-encoding')) return 'bodyWith101';
  if (hasOpaqueHandshakeField(fields)) return 'nonAscii';
  if (singleField(fields, 'upgrade')?.toLowerCase() !== 'websocket') return 'badUpgrade';
  if (!listHolds(joinedField(fields, 'connection') ?? '', 'upgrade')) return 'badConnection';
  return singleField(fields, 'sec-websocket-accept') === accept ? undefined : 'badAccept';
}

function readSubprotocol(
  fields: Fields,
  requested: readonly string[],
): FailureName | { name: string | undefined } {
  if (!fields.has('sec-websocket-protocol')) return { name: undefined };
  const name = singleField(fields, 'sec-websocket-protocol');
  if (name === undefined || !isToken(name)) return 'badSubprotocol';
  return requested.includes(name) ? { name } : 'unrequestedSubprotocol';
}

function readExtensions(
  fields: Fields,
  offered: readonly ExtensionOffer[],
): FailureName | readonly ExtensionOffer[] {
  if (!fields.has('sec-websocket-extensions')) return [];
  const value = singleField(fields, 'sec-websocket-extensions');
  const extensions = value === undefined ? undefined : parseExtensions(value);
  if (extensions === undefined) return 'badExtensions';
  const offeredNames = new Set(offered.map(({ name }) => name));
  const names = extensions.map(({ name }) => name);
  if (!names.every((name) => offeredNames.has(name))) return 'unrequestedExtension';
  return new Set(names).size === names.length ? extensions : 'repeatedExtension';
}

function fail(reason: FailureName, message: string = responseFailures[reason]): OpeningResponseOutcome {
  return { ok: false, failure: { reason, message } };
}

/**
 * Judges a final response head, read by `ResponseHeadParser`, as the answer to an opening request. Interim responses
 * (1xx other than 101) are for the caller to skip. It never throws.
 */
export function checkOpeningResponse(head: ResponseHead, expected: ExpectedResponse): OpeningResponseOutcome {
  const fields = collectFields(head.rawHeaders);
  const failure = checkSwitch(head, fields, expected.accept);
  if (failure === 'notSwitching') return fail(failure, `The server answered ${head.status} instead of 101.`);
  if (failure !== undefined) return fail(failure);
  const subprotocol = readSubprotocol(fields, expected.subprotocols);
  if (typeof subprotocol === 'string') return fail(subprotocol);
  const extensions = readExtensions(fields, expected.offeredExtensions);
  if (typeof extensions === 'string') return fail(extensions);
  return { ok: true, response: { subprotocol: subprotocol.name, extensions, headers: joinFields(fields) } };
}
