/**
 * Feeds text to a head parser, cut at any offsets.
 *
 * One rule: what comes back is independent of the parser's kind and of the cuts; `end` counts from the first byte.
 */

export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

interface Parser<Progress> {
  push(chunk: Uint8Array): Progress;
}

type Outcome<Progress> = { readonly progress: Progress | undefined; readonly end: number };

/** Pushes the pieces between the cuts until something other than `more` comes back. */
export function feed<Progress extends { readonly state: string; readonly end?: number }>(
  parser: Parser<Progress>,
  text: string,
  cuts: readonly number[] = [],
): Outcome<Omit<Progress, 'end'>> {
  const bytes = latin1Bytes(text);
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  let progress: Progress | undefined;
  for (const [index, from] of edges.slice(0, -1).entries()) {
    progress = parser.push(bytes.subarray(from, edges[index + 1]));
    if (progress.state !== 'more') {
      const { end = 0, ...rest } = progress;
      return { progress: rest, end: progress.end === undefined ? 0 : from + end };
    }
  }
  return { progress, end: 0 };
}

/** A cut before every byte but the first. */
export function everyOffset(text: string): number[] {
  return Array.from({ length: Math.max(text.length - 1, 0) }, (_, index) => index + 1);
}

/** Cuts that are the same at every run, of pieces from 1 to 97 bytes. */
export function someOffsets(text: string, seed: number): number[] {
  const cuts: number[] = [];
  let state = seed;
  for (let offset = 0; offset < text.length; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    offset += 1 + (state % 97);
    if (offset < text.length) cuts.push(offset);
  }
  return cuts;
}
