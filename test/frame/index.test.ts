/** The public entry of the codec: what is in it, and that it runs without Node. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as frame from '../../src/frame/index.ts';

const folder = new URL('../../src/frame/', import.meta.url);

describe('framewright/frame', () => {
  it('exports the codec and nothing else', () => {
    expect(Object.keys(frame).sort()).toEqual(
      [
        'FrameDecoder',
        'LimitError',
        'ProtocolError',
        'Region',
        'Utf8Validator',
        'WebSocketError',
        'checkHeader',
        'closeCodes',
        'createRegion',
        'createHeader',
        'decodeClosePayload',
        'decodeHeader',
        'encodeClosePayload',
        'encodeFrame',
        'encodeHeader',
        'headerSize',
        'isAsciiBits',
        'isCloseCode',
        'isUtf8',
        'mask',
        'maxControlPayload',
        'maxHeaderSize',
        'maxReasonSize',
        'opcodes',
        'regionSize',
        'rotateKey',
        'unknownBits',
        'violations',
        'wordsOf',
      ].sort(),
    );
  });

  it.each(readdirSync(folder))('%s imports from this folder only and names nothing of Node', (file) => {
    const source = readFileSync(new URL(file, folder), 'utf8');
    const imported = [...source.matchAll(/\bfrom '([^']+)'/g)].map(([, specifier]) => specifier);
    for (const specifier of imported) expect(specifier).toMatch(/^\.\/[a-z0-9-]+\.ts$/);
    const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(code).not.toMatch(/\b(?:Buffer|process|require|setTimeout|setImmediate|queueMicrotask)\b/);
  });

  it('encodes what it decodes', () => {
    const payload = new TextEncoder().encode('grüße');
    const bytes = frame.encodeFrame(frame.opcodes.text, payload, { key: 0x7f_01_02_ff });
    const found: string[] = [];
    const unexpected = (): never => {
      throw new Error('this frame lies whole in its chunk');
    };
    const decoder = new frame.FrameDecoder(
      {
        peerMasks: true,
        acceptUnmaskedFrames: false,
        rsv: 0,
        maxFrameSize: 100,
        maxMessageSize: 100,
        maxFragments: 1,
      },
      {
        dataFrame: (_opcode, _fin, _rsv, chunk, start, end) => {
          found.push(new TextDecoder().decode(chunk.subarray(start, end)));
        },
        dataStart: unexpected,
        dataPiece: unexpected,
        dataEnd: unexpected,
        controlFrame: unexpected,
        violation: unexpected,
      },
    );
    expect(decoder.push(bytes)).toBe(bytes.length);
    expect(found).toEqual(['grüße']);
    expect(decoder.idle).toBe(true);
  });
});
