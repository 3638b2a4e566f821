/**
 * The four parameters of permessage-deflate: their grammar, and nothing about what an endpoint wants of them.
 *
 * The rule of this file: a parameter list is either wholly well-formed or of no use. Unknown names, names that come
 * twice, and values that are not exactly what the RFC writes (a decimal integer 8 to 15 without leading zeros) make
 * the whole list `undefined` (RFC 7692 §7.1, §7.1.1, §7.1.2).
 */
import type { ExtensionOffer } from '../types.ts';

/** The registered name of the extension (RFC 7692 §7). */
export const extensionName = 'permessage-deflate';

/** A well-formed parameter list, of an offer or of an answer. */
export interface DeflateParameters {
  serverNoContextTakeover: boolean;
  clientNoContextTakeover: boolean;
  /** 8 to 15, or `undefined` when absent. */
  serverMaxWindowBits: number | undefined;
  /** 8 to 15; `true` when present without a value, which only an offer may do; `undefined` when absent. */
  clientMaxWindowBits: number | true | undefined;
}

const windowBitsGrammar = /^(?:[89]|1[0-5])$/;

const readWindowBits = (value: string | undefined): number | undefined =>
  value !== undefined && windowBitsGrammar.test(value) ? Number(value) : undefined;

/**
 * Reads a parameter list.
 *
 * @param parameters as they came in the header, duplicates included, quotes already taken off
 * @returns `undefined` when any of them is unknown, repeated or malformed
 */
export const readParameters = (parameters: ExtensionOffer['parameters']): DeflateParameters | undefined => {
  const seen = new Set<string>();
  const read: DeflateParameters = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  };
  for (const [name, value] of parameters) {
    if (seen.has(name) || !readParameter(read, name, value)) {
      return undefined;
    }
    seen.add(name);
  }
  return read;
};

/** Takes one parameter into `into`; false when it is unknown or its value malformed. */
const readParameter = (into: DeflateParameters, name: string, value: string | undefined): boolean => {
  switch (name) {
    case 'server_no_context_takeover':
      into.serverNoContextTakeover = true;
      return value === undefined;
    case 'client_no_context_takeover':
      into.clientNoContextTakeover = true;
      return value === undefined;
    case 'server_max_window_bits':
      into.serverMaxWindowBits = readWindowBits(value);
      return into.serverMaxWindowBits !== undefined;
    case 'client_max_window_bits':
      into.clientMaxWindowBits = value === undefined ? true : readWindowBits(value);
      return into.clientMaxWindowBits !== undefined;
    default:
      return false;
  }
};

/** Writes a parameter list, in the order in which the RFC defines the parameters. */
export const writeParameters = (parameters: DeflateParameters): ExtensionOffer => {
  const list: [name: string, value: string | undefined][] = [];
  if (parameters.serverNoContextTakeover) {
    list.push(['server_no_context_takeover', undefined]);
  }
  if (parameters.clientNoContextTakeover) {
    list.push(['client_no_context_takeover', undefined]);
  }
  if (parameters.serverMaxWindowBits !== undefined) {
    list.push(['server_max_window_bits', String(parameters.serverMaxWindowBits)]);
  }
  const { clientMaxWindowBits } = parameters;
  if (clientMaxWindowBits !== undefined) {
    list.push([
      'client_max_window_bits',
      clientMaxWindowBits === true ? undefined : String(clientMaxWindowBits),
    ]);
  }
  return { name: extensionName, parameters: list };
};
