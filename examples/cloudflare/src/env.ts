/** The bindings of `wrangler.jsonc`. */
import type { Room } from './room.ts';

export interface Env {
  readonly ROOM: DurableObjectNamespace<Room>;
}
