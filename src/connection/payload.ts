/**
 * What an application may send, brought to one form: a string, bytes that hold still, or a prepared frame.
 *
 * The rule of this file: sizes come from the engine's own getters, never from properties that an object could fake.
 */
import { opcodes } from '../frame/opcodes.ts';
import { Prepared } from './prepared.ts';
import type { BinaryLike, Message } from './types.ts';

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const lengthOf = Object.getOwnPropertyDescriptor(typedArray, 'length')?.get as (this: Uint8Array) => number;

/** One message, as it may be given to `send`. */
export type Sendable = string | BinaryLike | Prepared;

/**
 * Brings a message to the form in which it is sent. Bytes are not copied, unless they lie in memory that can change
 * its size or owner meanwhile (shared or resizable).
 *
 * @throws {TypeError} for anything else, and for a detached buffer
 */
export function asOutgoing(message: unknown): string | Uint8Array | Prepared {
  if (typeof message === 'string' || message instanceof Prepared) return message;
  return asBytes(message);
}

/** Bytes of any binary value. @throws {TypeError} for a value that is none, or detached */
export function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) {
    const length = lengthOf.call(value);
    const honest = value.length === length && value.byteLength === length;
    if (honest && length > 0 && isFixed(value.buffer)) return value;
  }
  if (ArrayBuffer.isView(value)) {
    // A typed array tells its kind only from the slot that a DataView does not have.
    const typed = Reflect.get(typedArray, Symbol.toStringTag, value) !== undefined;
    const prototype = typed ? typedArray : DataView.prototype;
    const slot = (name: 'buffer' | 'byteOffset' | 'byteLength') => Reflect.get(prototype, name, value);
    return still(new Uint8Array(slot('buffer'), slot('byteOffset'), slot('byteLength')));
  }
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return still(new Uint8Array(value));
  throw new TypeError(`a message is a string or bytes, not ${describe(value)}`);
}

/** The bytes, in memory that keeps its size and owner. */
const still = (bytes: Uint8Array): Uint8Array => (isFixed(bytes.buffer) ? bytes : bytes.slice());

const isFixed = (buffer: ArrayBufferLike): boolean =>
  buffer instanceof ArrayBuffer && !('resizable' in buffer && buffer.resizable === true);

const describe = (value: unknown): string =>
  value === null ? 'null' : typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value;

/**
 * Encodes a message once, to be sent on many connections: `for (const c of server.connections) void c.send(frame)`.
 * A prepared message is never compressed.
 *
 * @param message string or bytes; bytes are copied
 * @throws {TypeError} when it is neither
 */
export function prepare(message: Message | BinaryLike): Prepared {
  return typeof message === 'string'
    ? new Prepared(opcodes.text, new TextEncoder().encode(message))
    : new Prepared(opcodes.binary, asBytes(message));
}
