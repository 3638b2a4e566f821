/**
 * A connection as a pair of web streams, in the manner of WebSocketStream.
 *
 * The rule of this file: the streams queue nothing of their own. A message is taken when the reader asks for it, and
 * the writer is ready when `send` has resolved, so backpressure is the connection's own in both directions. Views are
 * made when somebody asks; a connection without them pays nothing.
 */
import { closeCodes } from '../frame/close.ts';
import { ClosedError } from './errors.ts';
import type { ReadHalf, WriteHalf } from './halves.ts';
import type { Sendable } from './payload.ts';
import type { Message } from './types.ts';

const readables = new WeakMap<ReadHalf, ReadableStream<Message>>();
const writables = new WeakMap<WriteHalf, WritableStream<Sendable>>();

/** The messages as a stream. It ends with a clean closure and fails with a `ClosedError` after any other. */
export function readableOf(reader: ReadHalf, writer: WriteHalf): ReadableStream<Message> {
  const made = readables.get(reader);
  if (made !== undefined) return made;
  const stream = new ReadableStream<Message>(
    {
      async pull(controller) {
        const message = await reader.recv();
        if (message !== null) {
          controller.enqueue(message);
          return;
        }
        const closure = await reader.closed;
        if (closure.clean) controller.close();
        else controller.error(new ClosedError(closure));
      },
      async cancel() {
        await writer.close();
      },
    },
    { highWaterMark: 0 },
  );
  readables.set(reader, stream);
  return stream;
}

/** A stream to send messages with. It fails with a `ClosedError` once the connection is over. */
export function writableOf(writer: WriteHalf): WritableStream<Sendable> {
  const made = writables.get(writer);
  if (made !== undefined) return made;
  const stream = new WritableStream<Sendable>(
    {
      start(controller) {
        void writer.closed.then((closure) => controller.error(new ClosedError(closure)));
      },
      write: (message) => writer.send(message),
      async close() {
        await writer.close();
      },
      async abort() {
        await writer.close(closeCodes.internalError);
      },
    },
    { highWaterMark: 1 },
  );
  writables.set(writer, stream);
  return stream;
}
