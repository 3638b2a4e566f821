/**
 * One served socket as a `Peer`.
 *
 * The rule of this file: every listener is there before `accept()`, none of them throws, and limits are checked before
 * anything is queued or sent. The runtime keeps the wire and answers pings.
 */
import { StateError } from '../../connection/errors.ts';
import { LimitError } from '../../frame/errors.ts';
import type { Message, Peer, ReadHalf, WriteHalf } from '../peer.ts';
import { bytesOf, checkClose, utf8Size, wellFormed } from './closing.ts';
import type { Settings } from './config.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { createLife, type Life } from './life.ts';
import type { ServedSocket } from './runtime.ts';

/** Milliseconds between two looks at a full write buffer: the runtime has no event for it. */
const lookInterval = 16;

/** Bytes of the message; for text its length, when even three bytes a character stay below `max`. */
const sizeOf = (message: Message, max: number): number =>
  typeof message === 'string' && message.length * 3 > max ? utf8Size(message) : message.length;

function listen(socket: ServedSocket, settings: Settings, inbox: Inbox, life: Life): void {
  const { maxMessageSize, maxQueueSize } = settings;
  const refuse = (code: number, limit: 'maxMessageSize' | 'maxQueueSize', actual: number): void => {
    life.close(code, limit, new LimitError({ limit, max: settings[limit], actual }));
    inbox.end();
  };
  // Up to compatibility date 2026-03-17 this is the default; from then on that is Blob.
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    const message = bytesOf(data);
    const size = sizeOf(message, maxMessageSize);
    if (size > maxMessageSize) refuse(1009, 'maxMessageSize', size);
    else if (!inbox.push(message)) refuse(1013, 'maxQueueSize', maxQueueSize + size);
  });
}

function writeHalf(socket: ServedSocket, settings: Settings, life: Life): WriteHalf {
  const { writeBufferSize, maxWriteBufferSize: max } = settings;
  const buffered = (): number => socket.bufferedAmount ?? 0;
  return {
    async send(message) {
      if (typeof message !== 'string' && !(message instanceof Uint8Array)) {
        throw new TypeError('not a string or Uint8Array');
      }
      if (life.state() !== 'open') throw life.closedError();
      const actual = buffered() + sizeOf(message, max - buffered());
      if (actual > max) throw new LimitError({ limit: 'maxWriteBufferSize', max, actual });
      try {
        socket.send(typeof message === 'string' ? wellFormed(message) : message);
      } catch {
        // The runtime may know of the end before its event comes.
        throw life.closedError();
      }
      while (buffered() > writeBufferSize) {
        if (life.state() === 'closed') throw life.closedError();
        await new Promise((resolve) => setTimeout(resolve, lookInterval));
      }
    },
    async close(code = 1000, reason = '') {
      checkClose(code, reason);
      life.close(code, reason);
      return life.closed;
    },
  };
}

/** The iterator of everything that receives. */
async function* messages(this: Pick<ReadHalf, 'recv'>): AsyncGenerator<Message, undefined, void> {
  for (let message = await this.recv(); message !== null; message = await this.recv()) yield message;
}

const readHalf = ({ recv, tryRecv }: Inbox): ReadHalf => ({
  recv,
  tryRecv,
  [Symbol.asyncIterator]: messages,
});

/** The whole handle; `split` spends it. */
function whole(read: ReadHalf, write: WriteHalf, life: Life, subprotocol: string | undefined): Peer {
  let spent = false;
  const check = (): void => {
    if (spent) throw new StateError('the connection was split');
  };
  const guard =
    <Arguments extends unknown[], Result>(method: (...args: Arguments) => Promise<Result>) =>
    async (...args: Arguments): Promise<Result> => {
      check();
      return method(...args);
    };
  return {
    subprotocol,
    closed: life.closed,
    signal: life.signal,
    get state() {
      return life.state();
    },
    recv: guard(read.recv),
    tryRecv() {
      check();
      return read.tryRecv();
    },
    send: guard(write.send),
    close: guard(write.close),
    split() {
      check();
      spent = true;
      return [read, write];
    },
    [Symbol.asyncIterator]: messages,
  };
}

/** Accepts the socket. */
export function servePeer(
  socket: ServedSocket,
  subprotocol: string | undefined,
  settings: Settings,
): { readonly peer: Peer; readonly life: Life } {
  const inbox = createInbox(settings.maxQueueSize);
  const life = createLife(socket, settings.closeTimeout, inbox.end);
  listen(socket, settings, inbox, life);
  const peer = whole(readHalf(inbox), writeHalf(socket, settings, life), life, subprotocol);
  socket.accept();
  return { peer, life };
}
