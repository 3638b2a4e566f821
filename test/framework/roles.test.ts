import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { roles } from '../../src/framework/session.ts';

const src = fileURLToPath(new URL('../../src', import.meta.url));

describe('client and server', () => {
  it('are values of one kind, which differ in three things', () => {
    expect(roles.server).toEqual({ peerMasks: true, closesTransport: true, nextMaskKey: undefined });
    expect(roles.client).toEqual({
      peerMasks: false,
      closesTransport: false,
      nextMaskKey: expect.any(Function),
    });
  });

  it('are nothing that frames and connections ask for', () => {
    for (const folder of ['frame', 'connection', 'transport']) {
      for (const name of readdirSync(join(src, folder))) {
        const code = readFileSync(join(src, folder, name), 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, '');
        const asks = /\bis_?(?:client|server)\b|['"`](?:client|server)['"`]|\broles\.|\brole\s*[=!]==?/i.exec(
          code,
        );
        expect([name, asks?.[0]]).toEqual([name, undefined]);
      }
    }
  });
});
