import { constants, createInflateRaw, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  DirectContext,
  directAccess,
  endMessage,
  openDeflate,
  openInflate,
} from '../../../src/extension/permessage-deflate/direct.ts';
import { openZlibHandles } from './zlib-handles.ts';

const output = new Uint8Array(1024);
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

const end = (payload: Uint8Array): string => {
  const context = openInflate(15);
  try {
    const fine = context.run(constants.Z_SYNC_FLUSH, payload, 0, payload.length, output, output.length);
    return fine ? endMessage(context) : 'garbage';
  } finally {
    context.close();
  }
};

describe('directAccess', () => {
  it('finds the handle of this runtime, and leaves nothing open', () => {
    const before = openZlibHandles();
    expect(directAccess()).toBe(true);
    expect(openZlibHandles()).toBe(before);
  });
});

describe('DirectContext', () => {
  it('refuses a stream that does not have the handle', () => {
    const stream = createInflateRaw();
    stream.close();
    expect(() => new DirectContext(stream)).toThrow(TypeError);
  });

  it('keeps its window from call to call, until it is reset', () => {
    const context = openDeflate(12, 6, 5);
    const message = Buffer.from('a message that comes again and again');
    const compress = (): number => {
      context.run(constants.Z_SYNC_FLUSH, message, 0, message.length, output, output.length);
      return output.length - context.outputLeft;
    };
    const first = compress();
    expect(compress()).toBeLessThan(first / 2);
    context.reset();
    expect(compress()).toBe(first);
    context.close();
    context.close();
  });

  it('says what it did not consume and what room it left', () => {
    const context = openInflate(15);
    const payload = deflateRawSync(Buffer.alloc(100, 1));
    const more = Buffer.concat([payload, Buffer.from('more')]);
    expect(context.run(constants.Z_SYNC_FLUSH, more, 0, more.length, output, 1000)).toBe(true);
    expect([context.inputLeft, context.outputLeft]).toEqual([4, 900]);
    context.close();
  });

  it('reports bad data, and emits no error event', async () => {
    const context = openInflate(15);
    expect(context.run(constants.Z_SYNC_FLUSH, bytes('07ff'), 0, 2, output, 100)).toBe(false);
    context.close();
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('endMessage', () => {
  it.each([
    ['a message with its tail removed', 'f248cdc9c90700', 'open'],
    [
      'a message in a block of dynamic codes',
      deflateRawSync(Buffer.from('abcabcabcddd'.repeat(9)), { finishFlush: constants.Z_SYNC_FLUSH })
        .subarray(0, -4)
        .toString('hex'),
      'open',
    ],
    ['an empty message', '00', 'open'],
    ['a final block and nothing more', 'f348cdc9c90700', 'final'],
    ['a block cut short', 'f248cdc9', 'truncated'],
    ['a stored block cut short', '000500faff4865', 'truncated'],
    ['a stored block cut short in its header', '000500', 'truncated'],
    ['a stored block, whole, but no empty block after it', '000500faff48656c6c6f', 'truncated'],
    ['a final block cut short', 'f348cdc9', 'truncated'],
    ['the header of a dynamic block only', '0cc0', 'truncated'],
  ])('%s: %s is %s', (_what, hex, expected) => {
    expect(end(bytes(hex))).toBe(expected);
  });
});
