import { describe, expect, it } from 'vitest';
import type { ByteTransport } from '../../src/connection/port.ts';
import { createTransportPair } from '../../src/transport/memory.ts';
import { Notes } from './listener.ts';

const turns = async (count = 4): Promise<void> => {
  for (let index = 0; index < count; index += 1) await new Promise((resolve) => setImmediate(resolve));
};

function pair(): { near: ByteTransport; far: ByteTransport; nearNotes: Notes; farNotes: Notes } {
  const [near, far] = createTransportPair();
  const nearNotes = new Notes();
  const farNotes = new Notes();
  near.attach(nearNotes);
  far.attach(farNotes);
  return { near, far, nearNotes, farNotes };
}

describe('transport in memory', () => {
  it('carries bytes both ways, in order, in a later turn', async () => {
    const { near, far, nearNotes, farNotes } = pair();
    near.write([Buffer.from('a'), Buffer.from('b')]);
    near.write([Buffer.from('c')]);
    far.write([Buffer.from('back')]);
    expect(farNotes.events).toEqual([]);
    expect(near.bufferedAmount).toBe(3);
    await turns();
    expect(farNotes.chunks.map((chunk) => Buffer.from(chunk).toString())).toEqual(['abc']);
    expect(nearNotes.received).toBe('back');
    expect(near.bufferedAmount).toBe(0);
    expect(nearNotes.events).toContain('drained');
  });

  it('copies: neither side sees what the other does to its memory', async () => {
    const { near, farNotes } = pair();
    const bytes = Buffer.from('mine');
    expect(near.write([bytes])).toBe(true);
    bytes.fill('x');
    await turns();
    expect(farNotes.received).toBe('mine');
    farNotes.chunks[0]?.fill(0);
    expect(bytes.toString()).toBe('xxxx');
  });

  it('keeps what came before anybody listened', async () => {
    const [near, far] = createTransportPair();
    near.write([Buffer.from('early')]);
    near.end();
    await turns();
    const notes = new Notes();
    far.attach(notes);
    await turns();
    expect(notes.events).toEqual(['data', 'ended']);
    expect(notes.received).toBe('early');
  });

  it('has the sender wait while the receiver is paused', async () => {
    const { near, far, nearNotes, farNotes } = pair();
    far.pause();
    near.write([Buffer.alloc(10)]);
    near.end();
    await turns();
    expect(farNotes.events).toEqual([]);
    expect(near.bufferedAmount).toBe(10);
    expect(nearNotes.events).toEqual([]);
    far.resume();
    await turns();
    expect(farNotes.events).toEqual(['data', 'ended']);
    expect(nearNotes.events).toEqual(['drained']);
  });

  it('ends one side at a time, and closes both once', async () => {
    const { near, far, nearNotes, farNotes } = pair();
    near.end();
    near.end();
    near.write([Buffer.from('after the end')]);
    await turns();
    expect(farNotes.events).toEqual(['ended']);
    far.write([Buffer.from('still')]);
    far.end();
    await turns();
    expect(farNotes.events.filter((event) => event !== 'drained')).toEqual(['ended', 'closed']);
    expect(nearNotes.events).toEqual(['data', 'ended', 'closed']);
    near.destroy();
    far.write([Buffer.from('late')]);
    await turns();
    expect(nearNotes.events).toEqual(['data', 'ended', 'closed']);
  });

  it('is dropped at once, paused or not, and hears nothing more', async () => {
    for (const paused of [false, true]) {
      const { near, far, nearNotes, farNotes } = pair();
      far.write([Buffer.from('not taken')]);
      if (paused) near.pause();
      near.destroy();
      near.destroy();
      near.pause();
      far.write([Buffer.from('too late')]);
      await turns();
      expect(nearNotes.events).toEqual(['closed']);
      expect(farNotes.events).toEqual(['ended']);
      far.end();
      await turns();
      expect(farNotes.events).toEqual(['ended', 'closed']);
    }
  });
});
