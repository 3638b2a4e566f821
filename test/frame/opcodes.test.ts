/** The numbers of RFC 6455 §5.2 and §5.5, and that nobody can change them. */
import { describe, expect, it } from 'vitest';
import { maxControlPayload, opcodes } from '../../src/frame/opcodes.ts';

describe('opcodes', () => {
  it('are those of RFC 6455 §11.8', () => {
    expect(opcodes).toEqual({ continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 });
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(opcodes)).toBe(true);
  });

  it('allow control frames what a 7-bit length can say without an extension', () => {
    expect(maxControlPayload).toBe(125);
  });
});
