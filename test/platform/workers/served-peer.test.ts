/** A slow peer that leaves, and the runtime that knows of it first; the rest is proven on the real runtime. */
import { describe, expect, it } from 'vitest';
import { ClosedError } from '../../../src/connection/errors.ts';
import { resolve } from '../../../src/platform/workers/config.ts';
import { servePeer } from '../../../src/platform/workers/served-peer.ts';
import { FakeServedSocket } from './support/fake-served.ts';

function setUp() {
  const socket = new FakeServedSocket();
  const { peer } = servePeer(socket, undefined, resolve({ writeBufferSize: 10 }));
  return { socket, peer };
}

describe('a served peer', () => {
  it('has all its listeners, and binary as bytes, before it accepts', async () => {
    const { socket, peer } = setUp();
    expect([socket.accepted, socket.binaryType]).toEqual([true, 'arraybuffer']);
    socket.emit('message', { data: new Uint8Array([1, 2]).buffer });
    expect(await peer.recv()).toEqual(new Uint8Array([1, 2]));
  });

  it('lets a send wait for a slow peer, until it has taken enough', async () => {
    const { socket, peer } = setUp();
    socket.bufferedAmount = 11;
    let accepted = false;
    const sending = peer.send('x').then(() => {
      accepted = true;
    });
    await new Promise((resume) => setTimeout(resume, 40));
    expect(accepted).toBe(false);
    socket.bufferedAmount = 10;
    await sending;
  });

  it('ends a send that waits for a peer which has left', async () => {
    const { socket, peer } = setUp();
    socket.bufferedAmount = 11;
    const sending = peer.send('x');
    socket.emit('close', { code: 1006, reason: '', wasClean: false });
    await expect(sending).rejects.toThrow(ClosedError);
  });

  it('tells the end that the runtime knows of before its event', async () => {
    const { socket, peer } = setUp();
    socket.send = () => {
      throw new TypeError("Can't call WebSocket send() after close().");
    };
    await expect(peer.send('x')).rejects.toThrow(ClosedError);
  });
});
