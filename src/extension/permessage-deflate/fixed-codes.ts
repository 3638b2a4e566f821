/**
 * Deflate's fixed Huffman codes (RFC 1951 §3.2.5 and §3.2.6), ready to be written.
 *
 * The rule of this file: an entry is `bits * 16 + count`, first bit lowest, with the extra bits of a length behind
 * its code, so that one look-up is enough.
 */

/** The bits of a code the other way round: codes are written from their highest bit on. */
const reversed = (code: number, length: number): number => {
  let bits = 0;
  for (let at = 0; at < length; at += 1) {
    bits = (bits << 1) | ((code >> at) & 1);
  }
  return bits;
};

/** The code of a symbol for a literal or a length. */
const symbolCode = (symbol: number): [bits: number, count: number] => {
  if (symbol < 144) return [reversed(0x30 + symbol, 8), 8];
  if (symbol < 256) return [reversed(0x190 + symbol - 144, 9), 9];
  if (symbol < 280) return [reversed(symbol - 256, 7), 7];
  return [reversed(0xc0 + symbol - 280, 8), 8];
};

/** For each byte its literal, 8 or 9 bits. */
export const literalCodes = Uint16Array.from({ length: 256 }, (_, byte) => {
  const [bits, count] = symbolCode(byte);
  return bits * 16 + count;
});

const shortestMatch = 3;
export const longestMatch = 258;
const firstSymbol = 257;
/** Stands for the longest match, without extra bits. */
const lastSymbol = 285;

/** For each match length its code and extra bits, 7 to 13 bits. */
export const lengthCodes = (() => {
  const codes = new Uint32Array(longestMatch + 1);
  let length = shortestMatch;
  for (let symbol = firstSymbol; symbol < lastSymbol; symbol += 1) {
    const extra = symbol < 265 ? 0 : (symbol - 261) >> 2;
    const [bits, count] = symbolCode(symbol);
    for (let value = 0; value < 1 << extra; value += 1) {
      codes[length] = (bits | (value << count)) * 16 + count + extra;
      length += 1;
    }
  }
  const [bits, count] = symbolCode(lastSymbol);
  codes[longestMatch] = bits * 16 + count;
  return codes;
})();

/** Extra bits of a distance, given the distance less one. */
export const distanceExtra = (reach: number): number => (reach < 4 ? 0 : 30 - Math.clz32(reach));

/** For each symbol of a distance the five bits of its code. */
const distanceSymbols = Uint8Array.from({ length: 30 }, (_, symbol) => reversed(symbol, 5));

/** The code of a distance and its extra bits, all together 5 + `extra` bits. */
export const distanceBits = (reach: number, extra: number): number =>
  (distanceSymbols[2 * extra + (reach >> extra)] ?? 0) | ((reach & ((1 << extra) - 1)) << 5);
