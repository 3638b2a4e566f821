// What an attack is: what its attackers send, and what the server is configured with.
// Rule: plain data, so that the runner and the attackers' process read the same table.
import type { ServerConfig } from 'framewright';

/** What attackers do; attackers.ts knows how. */
export type Weapon =
  /** Sends a payload once and holds the connection. */
  | { readonly kind: 'hold'; readonly payload: PayloadName; readonly heldBytes: number }
  /** Sends a prefix, then single bytes, each in a segment of its own. */
  | { readonly kind: 'drip'; readonly payload: PayloadName }
  /** Sends a prefix and then the same bytes for ever; comes back when it is thrown out. */
  | { readonly kind: 'flood'; readonly payload: PayloadName; readonly reads: boolean }
  /** Sends something and comes back when it is thrown out, without an opening handshake before it. */
  | { readonly kind: 'heads'; readonly payload: PayloadName }
  /** Opens many connections and completes no handshake. */
  | { readonly kind: 'slowloris'; readonly sockets: number }
  /** Joins a room and never reads what is broadcast. */
  | { readonly kind: 'listeners'; readonly messageSize: number; readonly perSecond: number };

export type PayloadName =
  | 'tinyFragments'
  | 'frameHeader'
  | 'emptyFragments'
  | 'declaredFrame'
  | 'pings'
  | 'bomb'
  | 'bombAtLimit'
  | 'emptyFrames'
  | 'violation'
  | 'longHead'
  | 'manyFields';

export interface Attack {
  readonly name: string;
  readonly title: string;
  readonly weapon: Weapon;
  /** The server's path; without a meaning for heads. */
  readonly path: string;
  readonly config?: ServerConfig;
  /** Whether attackers offer permessage-deflate. */
  readonly deflate?: boolean;
}

const deflating: ServerConfig = { perMessageDeflate: true };

/** Fragments that the attackers of `tiny-fragments` leave unfinished. */
export const tinyFragments = 16_383;

export const attacks: readonly Attack[] = [
  {
    name: 'tiny-fragments',
    title: `${tinyFragments.toLocaleString('en')} fragments of one byte each, never finished`,
    weapon: { kind: 'hold', payload: 'tinyFragments', heldBytes: tinyFragments },
    path: '/swallow',
  },
  {
    name: 'declared',
    title: 'a frame of 1 MiB declared, one byte of it sent',
    weapon: { kind: 'hold', payload: 'declaredFrame', heldBytes: 1 },
    path: '/swallow',
  },
  {
    name: 'one-byte-segments',
    title: 'a frame of 1 MiB in segments of one byte',
    weapon: { kind: 'drip', payload: 'frameHeader' },
    path: '/swallow',
  },
  {
    name: 'empty-fragments',
    title: 'empty fragments without end',
    weapon: { kind: 'flood', payload: 'emptyFragments', reads: true },
    path: '/swallow',
  },
  {
    name: 'burst',
    title: 'frames without payload, as fast as they go',
    weapon: { kind: 'flood', payload: 'emptyFrames', reads: true },
    path: '/swallow',
  },
  {
    name: 'burst-unread',
    title: 'the same to a handler that takes no messages',
    weapon: { kind: 'flood', payload: 'emptyFrames', reads: true },
    path: '/deaf',
    // A socket that nobody reads from tells of its death when a ping cannot be written.
    config: { pingInterval: 2_000, pingTimeout: 2_000 },
  },
  {
    name: 'ping-flood',
    title: 'pings of 125 bytes from peers that never read',
    weapon: { kind: 'flood', payload: 'pings', reads: false },
    path: '/swallow',
  },
  {
    name: 'echo-unread',
    title: 'messages to an echo from peers that never read',
    weapon: { kind: 'flood', payload: 'emptyFrames', reads: false },
    path: '/echo',
    config: { pingInterval: 2_000, pingTimeout: 2_000 },
  },
  {
    name: 'bomb',
    title: 'compressed messages that inflate to 64 MiB',
    weapon: { kind: 'flood', payload: 'bomb', reads: true },
    path: '/swallow',
    config: deflating,
    deflate: true,
  },
  {
    name: 'bomb-at-limit',
    title: 'compressed messages that inflate to the limit, 1 MiB',
    weapon: { kind: 'flood', payload: 'bombAtLimit', reads: true },
    path: '/swallow',
    config: deflating,
    deflate: true,
  },
  {
    name: 'bomb-unread',
    title: 'the same to a handler that takes no messages',
    weapon: { kind: 'flood', payload: 'bombAtLimit', reads: true },
    path: '/deaf',
    config: { ...deflating, pingInterval: 2_000, pingTimeout: 2_000 },
    deflate: true,
  },
  {
    name: 'slow-readers',
    title: 'a broadcast of 16 KiB messages to peers that never read (overflow: close)',
    weapon: { kind: 'listeners', messageSize: 16_384, perSecond: 100 },
    path: '/room',
    config: { overflow: 'close' },
  },
  {
    name: 'slow-readers-small',
    title: 'a broadcast of 2 KiB messages to peers that never read (overflow: close)',
    weapon: { kind: 'listeners', messageSize: 2_048, perSecond: 800 },
    path: '/room',
    config: { overflow: 'close' },
  },
  {
    name: 'violations',
    title: 'a protocol violation, and back again',
    weapon: { kind: 'flood', payload: 'violation', reads: true },
    path: '/swallow',
  },
  {
    name: 'long-heads',
    title: 'request heads of 20 KiB',
    weapon: { kind: 'heads', payload: 'longHead' },
    path: '/swallow',
  },
  {
    name: 'many-fields',
    title: 'request heads of 3,000 fields',
    weapon: { kind: 'heads', payload: 'manyFields' },
    path: '/swallow',
  },
  {
    name: 'slowloris',
    title: '5,000 handshakes, a byte every two seconds each',
    weapon: { kind: 'slowloris', sockets: 5_000 },
    path: '/swallow',
  },
];
