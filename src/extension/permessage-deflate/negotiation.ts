/**
 * Negotiation: what each role offers, answers and accepts (RFC 7692 §7.1). The truth table of docs/compression.md
 * says the same in words, and test/extension/permessage-deflate/negotiation.test.ts walks it.
 *
 * The rule of this file: client and server end here. What comes out speaks of own and peer only.
 */
import type { ExtensionOffer } from '../types.ts';
import { type DeflateSettings, defaultWindowBits } from './options.ts';
import { readParameters, writeParameters } from './parameters.ts';

/** How one direction of a connection is compressed. */
export interface Direction {
  /** Base-2 logarithm of the window, 8 to 15. */
  readonly windowBits: number;
  /** Whether a message may refer to the ones before it. */
  readonly contextTakeover: boolean;
}

/** What a negotiation settled on. */
export interface Agreement {
  readonly answer: ExtensionOffer;
  readonly own: Direction;
  readonly peer: Direction;
}

/** Client: the offer for these settings. */
export const offerFor = (settings: DeflateSettings): ExtensionOffer =>
  writeParameters({
    serverNoContextTakeover: settings.serverNoContextTakeover,
    clientNoContextTakeover: settings.clientNoContextTakeover,
    serverMaxWindowBits: settings.serverMaxWindowBits,
    clientMaxWindowBits: settings.clientMaxWindowBits === false ? undefined : settings.clientMaxWindowBits,
  });

/**
 * Server: the agreement for one offer, or `undefined` to decline it.
 *
 * A client that cannot be limited (no `client_max_window_bits`) is accepted with its full window, and never told to
 * give up context takeover instead: Safari offers neither and ignores the latter.
 *
 * @param windowOf8 whether zlib keeps to a window of 256 bytes
 */
export const answerOffer = (
  settings: DeflateSettings,
  offer: ExtensionOffer,
  windowOf8: () => boolean,
): Agreement | undefined => {
  const offered = readParameters(offer.parameters);
  if (offered === undefined) {
    return undefined;
  }
  const own = Math.min(offered.serverMaxWindowBits ?? 15, settings.serverMaxWindowBits ?? defaultWindowBits);
  if (own === 8 && !windowOf8()) {
    return undefined;
  }
  const announced = offered.serverMaxWindowBits ?? settings.serverMaxWindowBits;
  const hint = offered.clientMaxWindowBits === true ? 15 : offered.clientMaxWindowBits;
  const limit = settings.clientMaxWindowBits === true ? defaultWindowBits : settings.clientMaxWindowBits;
  const limited = hint === undefined || limit === false ? undefined : Math.min(hint, limit);
  const serverNoContextTakeover = offered.serverNoContextTakeover || settings.serverNoContextTakeover;
  const clientNoContextTakeover = offered.clientNoContextTakeover || settings.clientNoContextTakeover;
  return {
    answer: writeParameters({
      serverNoContextTakeover,
      clientNoContextTakeover,
      serverMaxWindowBits: announced === undefined ? undefined : own,
      clientMaxWindowBits: limited,
    }),
    own: { windowBits: own, contextTakeover: !serverNoContextTakeover },
    peer: { windowBits: limited ?? hint ?? 15, contextTakeover: !clientNoContextTakeover },
  };
};

/**
 * Client: the agreement that the server's answer stands for, or `undefined` when it does not fit the offer.
 *
 * A server may volunteer the `no_context_takeover`s and `server_max_window_bits` (§7.1.1, §7.1.2.1); it may not
 * limit a client that did not offer it, nor leave out or exceed what was asked of it (§7.1.2).
 *
 * @param windowOf8 whether zlib keeps to a window of 256 bytes
 */
export const judgeAnswer = (
  settings: DeflateSettings,
  answer: ExtensionOffer,
  windowOf8: () => boolean,
): Agreement | undefined => {
  const answered = readParameters(answer.parameters);
  if (answered === undefined || (settings.serverNoContextTakeover && !answered.serverNoContextTakeover)) {
    return undefined;
  }
  const asked = settings.serverMaxWindowBits;
  if (asked !== undefined && (answered.serverMaxWindowBits ?? 16) > asked) {
    return undefined;
  }
  const own = judgeClientWindow(settings.clientMaxWindowBits, answered.clientMaxWindowBits);
  if (own === undefined || (own === 8 && !windowOf8())) {
    return undefined;
  }
  return {
    answer,
    own: {
      windowBits: own,
      contextTakeover: !(answered.clientNoContextTakeover || settings.clientNoContextTakeover),
    },
    peer: {
      windowBits: answered.serverMaxWindowBits ?? 15,
      contextTakeover: !answered.serverNoContextTakeover,
    },
  };
};

/** The window that the client compresses with, or `undefined` when the answer may not limit it like that. */
const judgeClientWindow = (
  offered: number | boolean,
  answered: number | true | undefined,
): number | undefined => {
  if (answered === undefined) {
    return typeof offered === 'number' ? offered : defaultWindowBits;
  }
  if (answered === true || offered === false || (typeof offered === 'number' && answered > offered)) {
    return undefined;
  }
  return typeof offered === 'number' ? answered : Math.min(answered, defaultWindowBits);
};
