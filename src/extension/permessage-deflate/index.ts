/**
 * permessage-deflate (RFC 7692) as an {@link Extension}: negotiation in front, one session for each connection behind.
 *
 * The rule of this file: one extension object serves all connections of an endpoint, and what bounds memory and work
 * is shared between them through it.
 */
import type { Extension, NegotiatedExtension } from '../types.ts';
import { type Agreement, answerOffer, judgeAnswer, offerFor } from './negotiation.ts';
import { type PerMessageDeflateOptions, readOptions } from './options.ts';
import { extensionName } from './parameters.ts';
import { DeflateSession } from './session.ts';
import { Shared } from './shared.ts';
import { windowOf8 } from './window-of-8.ts';

export type { PerMessageDeflateOptions } from './options.ts';

/**
 * Makes the extension. Give the same object to all connections of a server: its bounds hold for all of them together.
 *
 * @throws {TypeError} for an unknown option or one of the wrong type; the message starts with the option's name
 * @throws {RangeError} for a number outside its range; the message starts with the option's name
 */
export const permessageDeflate = (options: PerMessageDeflateOptions = {}): Extension =>
  deflateExtension(new Shared(readOptions(options)));

/** The extension over a given shared part. */
export const deflateExtension = (shared: Shared): Extension => {
  const { settings } = shared;
  const negotiated = (agreement: Agreement): NegotiatedExtension => ({
    answer: agreement.answer,
    createSession: () => new DeflateSession(shared, agreement),
  });
  // There are not many agreements, and connections with the same one share it.
  const agreements = new Map<string, NegotiatedExtension>();
  const sharedBy = (agreement: Agreement): NegotiatedExtension => {
    const key = JSON.stringify(agreement);
    const known = agreements.get(key) ?? negotiated(frozen(agreement));
    agreements.set(key, known);
    return known;
  };
  return {
    name: extensionName,
    offers: () => [offerFor(settings)],
    answer(offers) {
      for (const offer of offers) {
        const agreement = offer.name === extensionName ? answerOffer(settings, offer, windowOf8) : undefined;
        if (agreement !== undefined) {
          return sharedBy(agreement);
        }
      }
      return undefined;
    },
    confirm(answer) {
      const agreement = answer.name === extensionName ? judgeAnswer(settings, answer, windowOf8) : undefined;
      return agreement && negotiated(agreement);
    },
  };
};

/** An agreement that nobody can change, since others have it too. */
const frozen = (agreement: Agreement): Agreement => {
  const { parameters } = agreement.answer;
  for (const each of [...parameters, parameters, agreement.answer]) {
    Object.freeze(each);
  }
  return agreement;
};
