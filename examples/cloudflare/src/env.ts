/** The bindings of `wrangler.jsonc`. */
export interface Env {
  readonly ROOM: DurableObjectNamespace;
}
