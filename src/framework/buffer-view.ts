/**
 * Buffers over memory that is there, at half the price of `Buffer.from(memory, offset, length)`.
 *
 * The rule of this file: the class that Buffers are made of is the species of `Buffer`; where it does not make what
 * `Buffer.from` makes, `Buffer.from` is used.
 */
type BufferClass = new (memory: ArrayBufferLike, offset: number, length: number) => Buffer;

/** Makes a Buffer over `memory[offset, offset + length)`. */
export type BufferView = (memory: ArrayBufferLike, offset: number, length: number) => Buffer;

const isClass = (value: unknown): value is BufferClass => {
  if (typeof value !== 'function') return false;
  try {
    const made: unknown = Reflect.construct(value, [new ArrayBuffer(8), 2, 3]);
    return Buffer.isBuffer(made) && made.byteOffset === 2 && made.length === 3;
  } catch {
    return false;
  }
};

/** @param species what is tried, the species of `Buffer` by default */
export function bufferViews(species: unknown = Reflect.get(Buffer, Symbol.species)): BufferView {
  if (!isClass(species)) return (memory, offset, length) => Buffer.from(memory, offset, length);
  return (memory, offset, length) => new species(memory, offset, length);
}

/** The one of this Node. */
export const bufferView = bufferViews();
