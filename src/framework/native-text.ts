/**
 * The native calls that `buffer.toString` ends in, without the argument handling in front of them.
 *
 * The rule of this file: they are on every Node there is but not documented, so each is looked for, and `toString`
 * stands in where one is missing.
 */
type Slice = (this: Uint8Array, start: number, end: number) => string;

const isSlice = (value: unknown): value is Slice => typeof value === 'function';

/** Decodes `bytes[start, end)`, which must lie within the bytes. */
export type Decode = (bytes: Uint8Array, start: number, end: number) => string;

/**
 * A decoder by its encoding.
 *
 * @param prototype where the native call is looked for
 */
export function decoderOf(encoding: 'latin1' | 'utf8', prototype: object = Buffer.prototype): Decode {
  const slice: unknown = Reflect.get(prototype, `${encoding}Slice`);
  if (isSlice(slice)) return (bytes, start, end) => slice.call(bytes, start, end);
  return ({ buffer, byteOffset }, start, end) =>
    Buffer.from(buffer, byteOffset + start, end - start).toString(encoding);
}
