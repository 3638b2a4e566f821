import { describe, expect, it } from 'vitest';
import { Deadlines } from '../../src/connection/deadlines.ts';
import { settings } from './wire.ts';

const times = { ...settings, pingInterval: 100, pingTimeout: 70, closeTimeout: 50 };

describe('deadlines', () => {
  it('never come when everything is off', () => {
    const deadlines = new Deadlines(settings, 1_000);
    expect(deadlines.next(true)).toBe(Infinity);
    expect(deadlines.due(1e15, true, false)).toBeUndefined();
  });

  it('ping after silence, and give the peer up after more of it', () => {
    const deadlines = new Deadlines(times, 1_000);
    expect(deadlines.next(true)).toBe(1_100);
    expect(deadlines.due(1_099, true, false)).toBeUndefined();
    expect(deadlines.due(1_100, true, false)).toBe('ping');
    expect(deadlines.next(true)).toBe(1_170);
    expect(deadlines.due(1_169, true, false)).toBeUndefined();
    expect(deadlines.due(1_170, true, false)).toBe('pingTimeout');
  });

  it('take any byte for life', () => {
    const deadlines = new Deadlines(times, 1_000);
    expect(deadlines.due(1_100, true, false)).toBe('ping');
    deadlines.received(1_160);
    expect(deadlines.next(true)).toBe(1_260);
    expect(deadlines.due(1_170, true, false)).toBeUndefined();
    expect(deadlines.due(1_260, true, false)).toBe('ping');
  });

  it('say when an answered ping brings the next one nearer than the timeout was', () => {
    const patient = new Deadlines({ ...times, pingTimeout: 1_000 }, 1_000);
    expect(patient.received(1_010)).toBe(false);
    expect(patient.due(1_110, true, false)).toBe('ping');
    expect(patient.received(1_111)).toBe(true);
    expect(patient.next(true)).toBe(1_211);
    expect(patient.received(1_112)).toBe(false);

    const strict = new Deadlines(times, 1_000);
    expect(strict.due(1_100, true, false)).toBe('ping');
    expect(strict.received(1_101)).toBe(false);
  });

  it('do not judge by time in which we did not read, but ping all the same', () => {
    const deadlines = new Deadlines({ ...times, idleTimeout: 150 }, 1_000);
    expect(deadlines.due(1_100, true, true)).toBe('ping');
    expect(deadlines.due(1_200, true, true)).toBe('ping');
    expect(deadlines.next(true)).toBe(1_300);
    expect(deadlines.due(1_300, true, false)).toBe('ping');
    expect(deadlines.next(true)).toBe(1_350);
    expect(deadlines.due(1_350, true, true)).toBeUndefined();
    expect(deadlines.next(true)).toBe(1_450);
  });

  it('count idleness from the last message, not from the last byte', () => {
    const deadlines = new Deadlines({ ...settings, idleTimeout: 100 }, 1_000);
    deadlines.received(1_050);
    expect(deadlines.next(true)).toBe(1_100);
    deadlines.delivered();
    expect(deadlines.next(true)).toBe(1_150);
    deadlines.active(1_060);
    expect(deadlines.due(1_160, true, false)).toBe('idleTimeout');
  });

  it('put the session first, paused or not', () => {
    const deadlines = new Deadlines({ ...times, idleTimeout: 100, sessionTimeout: 100 }, 1_000);
    expect(deadlines.due(1_100, true, true)).toBe('sessionTimeout');
    expect(deadlines.due(1_100, true, false)).toBe('sessionTimeout');
  });

  it('leave only the closing once it has begun', () => {
    const deadlines = new Deadlines({ ...times, sessionTimeout: 100 }, 1_000);
    deadlines.closing(1_080);
    expect(deadlines.next(false)).toBe(1_130);
    expect(deadlines.due(1_129, false, false)).toBeUndefined();
    expect(deadlines.due(1_130, false, true)).toBe('closeTimeout');
  });
});
