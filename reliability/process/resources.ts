// What a process holds, in numbers: descriptors, timers, zlib handles, sockets, connections and bytes.
// Rule: only shapes and names, so that the runner can compare without having the engine in it.

export interface Resources {
  /** Open file descriptors; undefined where /proc does not tell. */
  readonly descriptors: number | undefined;
  /** Timers that keep the process alive. */
  readonly timers: number;
  /** Live objects; undefined on a Node without `v8.queryObjects` (before 20.13). */
  readonly zlibHandles: number | undefined;
  readonly sockets: number | undefined;
  readonly connections: number | undefined;
  /** Bytes of V8's heap and of buffers outside of it. */
  readonly heap: number;
  /** The part of it that lies in buffers. */
  readonly buffers: number;
  readonly rss: number;
}

/** The counts that a run compares with its start. */
export const counted = ['descriptors', 'timers', 'zlibHandles', 'sockets', 'connections'] as const;
