/** Sends every message back. The same handler runs on Node. */
import type { Peer } from 'framewright/workers';

export async function echo(peer: Peer): Promise<void> {
  for await (const message of peer) await peer.send(message);
}
