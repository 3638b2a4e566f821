/** Sockets and the state of an object in memory, for what the real runtime does not do on demand. */
import { serialize } from 'node:v8';
import type { SessionSocket, SocketHost } from '../../../../src/platform/workers/runtime.ts';

/** A socket of the runtime, as far as a session map sees it. */
export class FakeSocket implements SessionSocket {
  readyState = 1;
  readonly sent: unknown[] = [];
  closed: [code?: number, reason?: string] | undefined;
  #attachment: unknown = null;

  send(message: string | ArrayBuffer | ArrayBufferView): void {
    this.sent.push(message);
  }

  close(...why: [code?: number, reason?: string]): void {
    this.closed = why;
    this.readyState = 2;
  }

  serializeAttachment(value: unknown): void {
    const clone: unknown = structuredClone(value);
    const { length } = serialize(value);
    if (length > 16_384)
      throw new Error(`A WebSocket 'attachment' cannot be larger than 16384 bytes, not ${length}.`);
    this.#attachment = clone;
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.#attachment);
  }
}

/** The state of an object, as far as a session map sees it; it outlives the maps as the runtime does. */
export class FakeHost implements SocketHost {
  readonly #accepted = new Map<SessionSocket, string[]>();

  acceptWebSocket(socket: SessionSocket, tags: string[] = []): void {
    if (tags.length > 10) throw new Error('a Hibernatable WebSocket cannot have more than 10 tags');
    if (this.#accepted.has(socket)) throw new Error('accepted before');
    this.#accepted.set(socket, tags);
  }

  getWebSockets(tag?: string): SessionSocket[] {
    return [...this.#accepted].flatMap(([socket, tags]) =>
      tag === undefined || tags.includes(tag) ? socket : [],
    );
  }

  getTags(socket: SessionSocket): string[] {
    const tags = this.#accepted.get(socket);
    if (tags === undefined) throw new Error("you must call 'acceptWebSocket()' before");
    return tags;
  }

  setWebSocketAutoResponse(): void {}
  waitUntil(): void {}
}
