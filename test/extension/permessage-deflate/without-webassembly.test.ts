/** Where there is no WebAssembly, or no memory for it, zlib or nothing takes its place, and peers see no difference. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ContextPool } from '../../../src/extension/permessage-deflate/contexts.ts';
import { Deflater } from '../../../src/extension/permessage-deflate/deflater.ts';
import { readOptions } from '../../../src/extension/permessage-deflate/options.ts';
import { noise, ReferenceInflater, records, takeover } from './reference.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('without WebAssembly', () => {
  it('messages are compressed and decompressed by zlib', async () => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', undefined);
    const { inbound, openExtension, openSession, outbound } = await import('./reference.ts');
    const { shared } = openExtension('direct');
    const one = openSession(shared, takeover(12), takeover(12));
    const other = openSession(shared, takeover(12), takeover(12));
    const reference = new ReferenceInflater(takeover(12));
    for (const message of [records(100), records(3000), noise(500), records(100)]) {
      expect(one.outboundNow(message)).toBeUndefined();
      const payload = await outbound(one, message);
      expect(reference.inflate(payload).equals(message)).toBe(true);
      expect(other.inboundNow(payload, 0, payload.length, 10_000)).toBeUndefined();
      expect(await inbound(other, payload)).toEqual(message);
    }
    expect(shared.compressors).toBe(0);
    one.dispose();
    other.dispose();
    expect(shared.contexts).toBe(0);
  });

  it('is how it is under --jitless', () => {
    const source = fileURLToPath(new URL('../../../src/extension/index.ts', import.meta.url));
    const script = `
      const { permessageDeflate } = await import(${JSON.stringify(source)});
      const session = permessageDeflate().answer([{ name: 'permessage-deflate', parameters: [] }]).createSession();
      if (session.outboundNow('hello hello hello') !== undefined) throw new Error('there is WebAssembly');
      session.outbound(Buffer.from('hello hello hello'), (payload) => {
        session.inbound(payload, 100, (violation, message) => console.log(violation, message.toString()));
      });`;
    const options = ['--jitless', '--import', 'tsx', '--input-type=module', '--eval', script];
    expect(execFileSync(process.execPath, options, { encoding: 'utf8' })).toBe(
      'undefined hello hello hello\n',
    );
  });
});

describe('without memory for a compressor', () => {
  it('a message goes as stored blocks, or the long way', () => {
    const own = new ContextPool(1, (): never => {
      throw new RangeError('no memory');
    });
    const deflater = new Deflater(takeover(12), readOptions({}), { own, zlib: undefined });
    expect(deflater.deflateNow('hello')).toBeUndefined();
    const message = records(20_000);
    const payload = deflater.deflate(message, message.length);
    expect(payload && new ReferenceInflater(takeover(12)).inflate(payload).equals(message)).toBe(true);
  });
});
