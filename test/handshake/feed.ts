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

/** Pushes the pieces between the cuts until something other than `more` comes back. */
export function feed<Progress extends { readonly state: string; readonly end?: number }>(
  parser: Parser<Progress>,
  text: string,
  cuts: readonly number[] = [],
): Progress {
  const bytes = latin1Bytes(text);
  const edges = [...[...cuts].sort((a, b) => a - b), bytes.length];
  let from = 0;
  for (const edge of edges) {
    const progress = parser.push(bytes.subarray(from, edge));
    if (progress.end !== undefined) return Object.assign({}, progress, { end: from + progress.end });
    if (progress.state !== 'more' || edge === bytes.length) return progress;
    from = edge;
  }
  throw new Error('The last edge is the end of the text');
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
