/**
 * Every case, in the order of the ids.
 *
 * Rule: groups 1 to 13 are the 517 cases of the Autobahn test suite, under the same ids and with the
 * same meaning; groups 20 and up are what it never covers.
 */
import type { Case } from './case.ts';
import { closingCases } from './closing.ts';
import { controlCases } from './control.ts';
import { deflateCases } from './deflate.ts';
import { deflatePayloadCases } from './deflate-payloads.ts';
import { echoCases } from './echo.ts';
import { floodCases } from './floods.ts';
import { fragmentCases } from './fragments.ts';
import { frameRuleCases } from './frame-rules.ts';
import { hostileAnswerCases } from './hostile-answers.ts';
import { negotiationCases } from './negotiation.ts';
import { openingCases } from './opening.ts';
import { utf8Cases } from './utf8.ts';

/** Orders case ids by their numbers: 2.9 before 2.10. */
export function byId(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

const sorted = (cases: readonly Case[]): readonly Case[] => [...cases].sort((a, b) => byId(a.id, b.id));

/** The 517. */
export const autobahnCases: readonly Case[] = sorted([
  ...echoCases,
  ...controlCases,
  ...fragmentCases,
  ...utf8Cases,
  ...closingCases,
  ...deflateCases,
]);

/** Groups 20 and up. */
export const beyondCases: readonly Case[] = sorted([
  ...openingCases,
  ...negotiationCases,
  ...frameRuleCases,
  ...floodCases,
  ...deflatePayloadCases,
  ...hostileAnswerCases,
]);

export const allCases: readonly Case[] = [...autobahnCases, ...beyondCases];

/** What each group is about, for reports. */
export const GROUPS: ReadonlyMap<number, string> = new Map([
  [1, 'Framing: messages of every length form'],
  [2, 'Pings and pongs'],
  [3, 'Reserved bits'],
  [4, 'Reserved opcodes'],
  [5, 'Fragmentation'],
  [6, 'UTF-8'],
  [7, 'Closing'],
  [9, 'Large messages and many messages'],
  [10, 'Automatic fragmentation'],
  [12, 'Compression, five kinds of data'],
  [13, 'Compression, seven sets of parameters'],
  [20, 'Opening handshake (servers)'],
  [21, 'Negotiating permessage-deflate (servers)'],
  [22, 'Frame rules: lengths, masks, bits, codes'],
  [23, 'Floods'],
  [24, 'Compressed payloads that are unusual or wrong'],
  [25, 'Answers to the opening handshake (clients)'],
]);
