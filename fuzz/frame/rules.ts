/**
 * The first byte of a frame input says what the endpoint demands; the stream follows.
 *
 * The rule of this file: limits are small, so that a short stream crosses each of them.
 */
import type { FrameRules } from '../../src/frame/header.ts';

const limits = [
  { maxFrameSize: 8, maxMessageSize: 12, maxFragments: 3 },
  { maxFrameSize: 200, maxMessageSize: 300, maxFragments: 4 },
  { maxFrameSize: 70_000, maxMessageSize: 100_000, maxFragments: 1_000 },
  { maxFrameSize: Infinity, maxMessageSize: Infinity, maxFragments: Infinity },
] as const;

/** Every byte is some rules: bit 0 the role, bit 1 leniency, bit 2 an extension, bits 3 and 4 the limits. */
const table: readonly FrameRules[] = Array.from({ length: 32 }, (_, byte) => ({
  peerMasks: (byte & 1) !== 0,
  acceptUnmaskedFrames: (byte & 2) !== 0,
  rsv: (byte & 4) !== 0 ? 0x40 : 0,
  ...(limits[byte >>> 3] ?? limits[0]),
}));

export function rulesOf(input: Uint8Array): FrameRules {
  const rules = table[(input[0] ?? 0) & 31];
  if (rules === undefined) throw new RangeError('no rules');
  return rules;
}
