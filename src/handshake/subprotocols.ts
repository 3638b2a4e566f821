/**
 * Subprotocols: the Sec-WebSocket-Protocol field and the choice from it.
 *
 * One rule: names are tokens, compared with case, each at most once.
 * RFC 6455 §1.9, §4.1 (10), §4.2.2 (5), §11.3.4.
 */
import { isToken, trimWhitespace } from './characters.ts';

function areValid(names: readonly string[]): boolean {
  return names.every(isToken) && new Set(names).size === names.length;
}

/** Parses the field; undefined when an element is empty, no token, or repeated. Takes linear time. */
export function parseSubprotocols(value: string): readonly string[] | undefined {
  const names = value.split(',').map(trimWhitespace);
  return areValid(names) ? names : undefined;
}

/** @throws TypeError when the application asks for a name that is no token, or for the same one twice */
export function formatSubprotocols(names: readonly string[]): string {
  if (!areValid(names)) {
    throw new TypeError(`Subprotocols must be distinct tokens, got ${JSON.stringify(names)}`);
  }
  return names.join(', ');
}

/**
 * The subprotocol to speak: the first that the client offers and the server supports. The client's order counts,
 * as RFC 6455 §4.1 has the client list its names by preference; the server's order has no meaning.
 */
export function chooseSubprotocol(
  offered: readonly string[],
  supported: readonly string[],
): string | undefined {
  if (supported.length === 0) return undefined;
  return offered.find((name) => supported.includes(name));
}

/** @throws TypeError when the application selected a subprotocol that the client did not offer (§4.2.2 (5.5)) */
export function checkSelectedSubprotocol(selected: string | undefined, offered: readonly string[]): void {
  if (selected !== undefined && !offered.includes(selected)) {
    throw new TypeError(`Subprotocol ${JSON.stringify(selected)} was not offered by the client`);
  }
}
