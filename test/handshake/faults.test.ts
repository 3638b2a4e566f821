import { describe, expect, it } from 'vitest';
import { headFaults } from '../../src/handshake/faults.ts';

describe('head faults', () => {
  it.each(Object.entries(headFaults))('%s is one ASCII sentence of its own', (_name, { message }) => {
    expect(message).toMatch(/^[A-Z][\x20-\x7e]+\.$/);
    expect(Object.values(headFaults).filter((fault) => fault.message === message)).toHaveLength(1);
  });
});
