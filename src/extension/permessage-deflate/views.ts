/**
 * The true bounds of a view on bytes, whatever properties somebody has put on it.
 *
 * The rule of this file: no property of a view that came from outside is believed. zlib's bindings assert that the
 * lengths they are told are within bounds, and a failed assertion ends the process; in Node's older lines, that goes
 * for the public one-shot calls as well.
 */

/** %TypedArray%.prototype, whose getters read a view's internals and throw for anything that is none. */
const typedArray: unknown = Object.getPrototypeOf(Uint8Array.prototype);

const getter = (property: string): (() => unknown) => {
  const get = Object.getOwnPropertyDescriptor(typedArray, property)?.get;
  if (get === undefined) {
    throw new TypeError(`this runtime has no %TypedArray%.prototype.${property}`);
  }
  return get;
};

const byteLength = getter('byteLength');
const byteOffset = getter('byteOffset');
const buffer = getter('buffer');

/**
 * Bytes of a view; 0 when its memory was taken away.
 *
 * @throws {TypeError} when it is no view
 */
export const byteLengthOf = (view: Uint8Array): number => Number(byteLength.call(view));

/** A view on the same bytes, made from the true bounds. */
export const plainView = (view: Uint8Array): Uint8Array => {
  const memory = buffer.call(view);
  return memory instanceof ArrayBuffer || memory instanceof SharedArrayBuffer
    ? new Uint8Array(memory, Number(byteOffset.call(view)), byteLengthOf(view))
    : new Uint8Array(view);
};
