/**
 * What may be said against an endpoint when a run is judged.
 *
 * The rule of this file: only shapes; commands write it, the verdict reads it.
 */
import type { Close } from './heard.ts';

/**
 * The model of an endpoint: what was done to it that may end its connection. A closure has to be explained by this and
 * by what the peer sent, and by nothing else.
 */
export interface Blame {
  /** The first `close` that was called in time. */
  close: Close | undefined;
  terminated: boolean;
  /** A streamed message that broke off. */
  brokenStream: boolean;
  /** The wire was cut or reset here, or swallowed. */
  wire: boolean;
  /** Time passed while the peer could not have been heard. */
  muted: boolean;
}

export const blameless = (): Blame => ({
  close: undefined,
  terminated: false,
  brokenStream: false,
  wire: false,
  muted: false,
});
