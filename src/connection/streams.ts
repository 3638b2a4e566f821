/**
 * A connection as a pair of web streams, in the manner of WebSocketStream.
 *
 * The rule of this file: the streams queue nothing of their own. A message is taken when the reader asks for it, and
 * the writer is ready when `send` has resolved, so backpressure is the connection's own in both directions. Views are
 * made when somebody asks; a connection without them pays nothing.
 */
import { closeCodes } from '../frame/close.ts';
import { close, receive, send } from './calls.ts';
import { ClosedError } from './errors.ts';
import type { Life } from './life.ts';
import type { Sendable } from './payload.ts';
import type { Message } from './types.ts';

const readables = new WeakMap<Life, ReadableStream<Message>>();
const writables = new WeakMap<Life, WritableStream<Sendable>>();

/** The messages as a stream. It ends with a clean closure and fails with a `ClosedError` after any other. */
export function readableOf(life: Life): ReadableStream<Message> {
  const made = readables.get(life);
  if (made !== undefined) return made;
  const stream = new ReadableStream<Message>(
    {
      async pull(controller) {
        const message = await receive(life.inbox);
        if (message !== null) {
          controller.enqueue(message);
          return;
        }
        const closure = await life.untilClosed;
        if (closure.clean) controller.close();
        else controller.error(new ClosedError(closure));
      },
      async cancel() {
        await close(life);
      },
    },
    { highWaterMark: 0 },
  );
  readables.set(life, stream);
  return stream;
}

/** A stream to send messages with. It fails with a `ClosedError` once the connection is over. */
export function writableOf(life: Life): WritableStream<Sendable> {
  const made = writables.get(life);
  if (made !== undefined) return made;
  const stream = new WritableStream<Sendable>(
    {
      start(controller) {
        void life.untilClosed.then((closure) => controller.error(new ClosedError(closure)));
      },
      write: (message) => send(life, message),
      async close() {
        await close(life);
      },
      async abort() {
        await close(life, closeCodes.internalError);
      },
    },
    { highWaterMark: 1 },
  );
  writables.set(life, stream);
  return stream;
}
