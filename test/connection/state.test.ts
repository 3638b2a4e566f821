import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  permissions,
  type State,
  type Step,
  stateAfter,
  stateDiagram,
  transitions,
} from '../../src/connection/state.ts';

const states: readonly State[] = ['open', 'closeSent', 'closeReceived', 'draining', 'closed'];
const steps: readonly Step[] = ['sendClose', 'receiveClose', 'fail', 'over'];

describe('state', () => {
  it.each<[State, Step, State]>([
    ['open', 'sendClose', 'closeSent'],
    ['open', 'receiveClose', 'closeReceived'],
    ['open', 'fail', 'draining'],
    ['closeSent', 'receiveClose', 'draining'],
    ['closeSent', 'fail', 'draining'],
    ['closeReceived', 'sendClose', 'draining'],
    ['closeReceived', 'fail', 'draining'],
  ])('%s, %s: %s', (from, step, to) => {
    expect(stateAfter(from, step)).toBe(to);
  });

  it('ends from every state but the last', () => {
    for (const state of states) expect(stateAfter(state, 'over')).toBe('closed');
    expect(transitions.closed).toEqual({});
  });

  it('goes nowhere by a step that is not in the table', () => {
    expect(stateAfter('closeSent', 'sendClose')).toBe('closeSent');
    expect(stateAfter('closeReceived', 'receiveClose')).toBe('closeReceived');
    for (const step of steps) expect(stateAfter('closed', step)).toBe('closed');
  });

  it('never leads back', () => {
    const rank: Record<State, number> = { open: 0, closeSent: 1, closeReceived: 1, draining: 2, closed: 3 };
    for (const state of states) {
      for (const step of steps) expect(rank[stateAfter(state, step)]).toBeGreaterThanOrEqual(rank[state]);
    }
  });

  it('permits data only while open, and input until the peer has closed', () => {
    for (const state of states) {
      expect(permissions[state].data).toBe(state === 'open');
      expect(permissions[state].control).toBe(state === 'open');
      expect(permissions[state].input).toBe(state === 'open' || state === 'closeSent');
    }
  });

  it('is drawn in ARCHITECTURE.md as it is', () => {
    const text = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
    const section = text.split(/^#+ Connection states$/m)[1] ?? '';
    const drawn = /```mermaid\n([\s\S]*?)\n```/.exec(section)?.[1];
    expect(drawn).toBe(stateDiagram());
  });
});
