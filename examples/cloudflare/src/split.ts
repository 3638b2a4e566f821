/** Two tasks over one connection: one answers messages, the other counts seconds until the connection has ended. */
import type { Peer, ReadHalf, WriteHalf } from 'framewright/workers';

async function answer(read: ReadHalf, write: WriteHalf): Promise<void> {
  for await (const message of read) await write.send(`you said ${String(message)}`);
}

async function tick(write: WriteHalf, signal: AbortSignal): Promise<void> {
  for (let seconds = 0; !signal.aborted; seconds += 1) {
    await write.send(`${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

export async function split(peer: Peer): Promise<void> {
  const { signal } = peer;
  const [read, write] = peer.split();
  await Promise.all([answer(read, write), tick(write, signal)]);
}
