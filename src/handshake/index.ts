/**
 * The opening handshake, both sides, as functions over text and bytes (RFC 6455 §4).
 *
 * One rule: this folder imports nothing. Digest and randomness arrive as arguments; what a peer does wrong is returned
 * as a value, and only misuse by the application throws.
 */

export { acceptCommonOpening } from './common-opening.ts';
export { formatCommonResponse } from './common-response.ts';
export type { ExtensionOffer } from './extensions.ts';
export { formatExtensions, parseExtensions } from './extensions.ts';
export { checkExtraHeaders, checkRefusalHeaders } from './extra-headers.ts';
export { type HeadFault, headFaults } from './faults.ts';
export {
  formatOpeningRequest,
  formatOpeningResponse,
  type OpeningRequestParts,
  type OpeningResponseParts,
} from './format-opening.ts';
export { AllowedHosts, type Authority, parseAuthority } from './host.ts';
export { acceptValue, isKey } from './key.ts';
export { defaultHeadLimits, type HeadLimits } from './limits.ts';
export {
  checkOpeningRequest,
  type OpeningRequest,
  type OpeningRequestOutcome,
  openingRefusals,
} from './opening-request.ts';
export {
  checkOpeningResponse,
  type ExpectedResponse,
  type OpeningResponse,
  type OpeningResponseOutcome,
} from './opening-response.ts';
export { checkOrigin } from './origin.ts';
export {
  formatRefusal,
  isRefusalStatus,
  type Refusal,
  type RefusalParts,
  reasonPhrase,
  reasonPhrases,
} from './refusal.ts';
export { type HeadProgress, type RequestHead, RequestHeadParser } from './request-head.ts';
export { type ResponseFailure, type ResponseFailureReason, responseFailures } from './response-failure.ts';
export { type ResponseHead, ResponseHeadParser, type ResponseHeadProgress } from './response-head.ts';
export { checkSelectedSubprotocol, chooseSubprotocol, parseSubprotocols } from './subprotocols.ts';
export { expandHead, type KeptHead, keepHead } from './text-head.ts';
export { readWholeOpening, type WholeOpening } from './whole-opening.ts';
