/** The extension layer: the seam (`types.ts`) and the extensions that there are (RFC 6455 §9). */
export { type PerMessageDeflateOptions, permessageDeflate } from './permessage-deflate/index.ts';
export type {
  Extension,
  ExtensionOffer,
  ExtensionSession,
  InboundDone,
  LentBytes,
  LentMessage,
  NegotiatedExtension,
  OutboundDone,
} from './types.ts';
