/**
 * One buffer into which all sockets are read, instead of a fresh 64 KiB for every read.
 *
 * The rule of this file: Node documents this for sockets that a program makes itself (`onread` of `net.Socket`); for
 * accepted ones the same slots of the socket are filled in here. They are looked for by name; where they, or the
 * handle's `useUserBuffer`, are not what is expected, nothing is touched and the socket reports 'data' as ever.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createRegion, type Region } from '../frame/region.ts';

/** Is told that the first `size` bytes of the region are the stream's; `this` is the stream. False stops the reading. */
export type OnRead = (this: Duplex, size: number) => boolean;

let region: Region | undefined;

/** The buffer of this process. */
export function sharedRegion(): Region {
  region ??= createRegion((buffer) => Buffer.from(buffer));
  return region;
}

/** The slots that the `onread` option fills. */
interface Slots {
  readonly buffer: symbol;
  readonly callback: symbol;
  readonly generator: symbol;
}

function findSlots(): Slots | undefined {
  const symbols = Object.getOwnPropertySymbols(new Socket());
  const named = (name: string) => symbols.find(({ description }) => description === name);
  const buffer = named('kBuffer');
  const callback = named('kBufferCb');
  const generator = named('kBufferGen');
  return buffer === undefined || callback === undefined || generator === undefined
    ? undefined
    : { buffer, callback, generator };
}

let slots: Slots | null | undefined;

/** What a libuv handle offers of it. */
interface UserBufferHandle {
  useUserBuffer(buffer: Uint8Array): void;
}

const takesBuffer = (handle: unknown): handle is UserBufferHandle =>
  typeof handle === 'object' &&
  handle !== null &&
  'useUserBuffer' in handle &&
  typeof handle.useUserBuffer === 'function';

/**
 * Has a plain `net.Socket` read into a region from now on.
 *
 * @param onRead one function for all streams
 * @returns false when the stream is something else, somebody else reads it, or this Node has no such slots
 */
export function readInto(stream: Duplex, { bytes }: Region, onRead: OnRead): boolean {
  slots ??= findSlots() ?? null;
  if (slots === null || Object.getPrototypeOf(stream) !== Socket.prototype) return false;
  if (stream.readableLength > 0 || stream.readableEncoding !== null || stream.readableEnded) return false;
  if (stream.listenerCount('data') > 0 || stream.listenerCount('readable') > 0) return false;
  const handle: unknown = Reflect.get(stream, '_handle');
  if (!takesBuffer(handle) || Reflect.get(stream, slots.buffer) !== null) return false;
  handle.useUserBuffer(bytes);
  Reflect.set(stream, slots.buffer, bytes);
  Reflect.set(stream, slots.generator, null);
  Reflect.set(stream, slots.callback, onRead);
  return true;
}

/** Whether a socket's handle reads already, so that what it reads into is all there is to set. */
export function isReading(stream: Duplex): boolean {
  const handle: unknown = Reflect.get(stream, '_handle');
  return typeof handle === 'object' && handle !== null && 'reading' in handle && handle.reading === true;
}
