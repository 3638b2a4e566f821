// A relay between clients and a server that hands on what it gets in pieces of one byte, each in a segment of its own.
// Rule: it changes no byte and loses none; a side's end or death is handed on as what it was.
import { connect, createServer, type Server, type Socket } from 'node:net';

const pieces = 512;

/** Hands bytes on one by one, some hundred of them per turn of the event loop. */
class Chopper {
  readonly #to: Socket;
  readonly #from: Socket;
  #waiting: Buffer[] = [];
  #busy = false;
  #ended = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on('data', (chunk: Buffer) => {
      this.#waiting.push(chunk);
      this.#from.pause();
      this.#next();
    });
    from.on('end', () => {
      this.#ended = true;
      this.#next();
    });
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      if (!this.#ended) to.destroy();
    });
  }

  #next(): void {
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => {
      this.#busy = false;
      this.#hand();
    });
  }

  #hand(): void {
    const [chunk] = this.#waiting;
    if (chunk === undefined) {
      if (this.#ended) this.#to.end();
      else this.#from.resume();
      return;
    }
    const now = chunk.subarray(0, pieces);
    const later = chunk.subarray(pieces);
    if (later.length === 0) this.#waiting.shift();
    else this.#waiting[0] = later;
    for (let at = 0; at < now.length; at += 1) this.#to.write(now.subarray(at, at + 1));
    if (this.#to.writableNeedDrain) this.#to.once('drain', () => this.#next());
    else this.#next();
  }
}

/** Starts a relay to a port of this machine. */
export async function startRelay(port: number): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const onward = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    new Chopper(client, onward);
    new Chopper(onward, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The relay has no port.');
  return {
    port: address.port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
