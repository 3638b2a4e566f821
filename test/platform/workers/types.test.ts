import type * as cloudflare from '@cloudflare/workers-types';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Connection } from '../../../src/connection/connection.ts';
import type { Peer as PeerContract } from '../../../src/platform/peer.ts';
import type { Config, Peer, PeerHandler, WorkersSocket } from '../../../src/platform/workers/index.ts';
import type {
  AutoResponse,
  ServedSocket,
  SessionSocket,
  SocketHost,
  WaitUntil,
} from '../../../src/platform/workers/runtime.ts';

describe('what Workers cannot do', () => {
  it('is absent from the type of the peer', () => {
    expectTypeOf<Extract<keyof Peer, 'ping' | 'write' | 'flush' | 'terminate' | 'latency'>>().toBeNever();
    expectTypeOf<keyof Peer>().toEqualTypeOf<
      | 'recv'
      | 'tryRecv'
      | 'send'
      | 'close'
      | 'split'
      | 'closed'
      | 'state'
      | 'subprotocol'
      | 'signal'
      | typeof Symbol.asyncIterator
    >();
  });

  it('does not compile', () => {
    const code = (peer: Peer): unknown[] => [
      // @ts-expect-error the runtime has no pings
      peer.ping(),
      // @ts-expect-error it has no way to drop a connection
      peer.terminate(),
      // @ts-expect-error it buffers by itself
      peer.write('x'),
      // @ts-expect-error and so there is nothing to flush
      peer.flush(),
      // @ts-expect-error without pings there is no latency
      peer.latency,
    ];
    expect(code).toBeTypeOf('function');
  });

  it('is absent from the configuration', () => {
    expectTypeOf<
      Extract<keyof Config, 'pingInterval' | 'perMessageDeflate' | 'maxFrameSize' | 'acceptUnmaskedFrames'>
    >().toBeNever();
  });
});

describe('one handler everywhere', () => {
  it('takes a Node connection, which is a peer that can do more', () => {
    expectTypeOf<Connection>().toExtend<PeerContract>();
    expectTypeOf<Peer>().not.toExtend<Connection>();
  });

  it('may return at once or later', () => {
    expectTypeOf<() => void>().toExtend<PeerHandler>();
    expectTypeOf<(peer: Peer) => Promise<void>>().toExtend<PeerHandler>();
  });
});

describe('the values of @cloudflare/workers-types', () => {
  it('fit the shapes of this adapter', () => {
    expectTypeOf<cloudflare.WebSocket>().toExtend<SessionSocket>();
    expectTypeOf<cloudflare.WebSocket>().toExtend<ServedSocket>();
    expectTypeOf<cloudflare.WebSocket>().toExtend<WorkersSocket>();
    expectTypeOf<cloudflare.DurableObjectState>().toExtend<SocketHost>();
    expectTypeOf<cloudflare.ExecutionContext>().toExtend<WaitUntil>();
    expectTypeOf<cloudflare.WebSocketRequestResponsePair>().toExtend<AutoResponse>();
  });
});
