import { type Duplex, duplexPair } from 'node:stream';
import fc from 'fast-check';
import { type Connection, connect, HandshakeError, TimeoutError } from 'framewright';
import { describe, expect, it } from 'vitest';
import { goodLines, headText } from './hostile.ts';

const seed = 20261125;

/** A client whose server is a function from the key to the chunks of its answer, after which it ends. */
async function answered(answer: (key: string) => readonly Uint8Array[]): Promise<Connection | Error> {
  const [near, far] = duplexPair();
  let text = '';
  far.on('error', () => {});
  far.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const key = /^sec-websocket-key: (.*)\r$/im.exec(text)?.[1];
    if (key === undefined || !text.endsWith('\r\n\r\n')) return;
    for (const piece of answer(key)) far.write(piece);
    far.end();
  });
  const outcome = await connect('ws://localhost/', {
    perMessageDeflate: true,
    subprotocols: ['v1'],
    handshakeTimeout: 2_000,
    createConnection: (): Duplex => near,
  }).catch((error: unknown) => (error instanceof Error ? error : new Error('no error', { cause: error })));
  if (outcome instanceof Error) expect(near.destroyed).toBe(true);
  return outcome;
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = [...new Set(at.map((one) => one % (bytes.length + 1)))].sort((one, other) => one - other);
  return [0, ...ends].map((from, index) => bytes.subarray(from, ends[index] ?? bytes.length));
}

describe('any server', () => {
  it('a good answer opens however it is cut, and what is behind it arrives', async () => {
    const property = fc.asyncProperty(fc.array(fc.nat(400), { maxLength: 8 }), async (at) => {
      const outcome = await answered((key) => {
        const frame = Buffer.from([0x81, 2, 0x68, 0x69, 0x88, 2, 0x03, 0xe8]);
        return cut(Buffer.concat([Buffer.from(headText(goodLines(key))), frame]), at);
      });
      if (outcome instanceof Error) throw outcome;
      expect(await outcome.recv()).toBe('hi');
      expect(await outcome.closed).toMatchObject({ code: 1000, by: 'peer' });
    });
    await fc.assert(property, { seed, numRuns: 120 });
  });

  it('arbitrary bytes open nothing and end in a HandshakeError', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }),
      async (chunks) => {
        expect(await answered(() => chunks)).toBeInstanceOf(HandshakeError);
      },
    );
    await fc.assert(property, { seed, numRuns: 200 });
  });

  it('a good answer with bytes changed opens, or ends in an error of ours, and nothing escapes', async () => {
    const change = fc.tuple(fc.nat(400), fc.nat(255), fc.constantFrom('set', 'insert', 'remove'));
    let opened = 0;
    let refused = 0;
    const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const outcome = await answered((key) => {
        const bytes = [...Buffer.from(headText(goodLines(key)))];
        for (const [at, value, kind] of changes) {
          const index = at % bytes.length;
          if (kind === 'set') bytes[index] = value;
          else bytes.splice(index, kind === 'remove' ? 1 : 0, ...(kind === 'insert' ? [value] : []));
        }
        return [Buffer.from(bytes)];
      });
      if (outcome instanceof Error) {
        refused += 1;
        expect(outcome instanceof HandshakeError || outcome instanceof TimeoutError).toBe(true);
      } else {
        opened += 1;
        expect((await outcome.closed).clean).toBe(false);
      }
    });
    await fc.assert(property, { seed, numRuns: 250 });
    // Both happen: the reason phrase may change, the accept value may not.
    expect(opened).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(opened);
  });

  it('arbitrary bytes behind a good answer end the connection once, and nothing escapes', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const outcome = await answered((key) => [Buffer.from(headText(goodLines(key))), bytes]);
      if (outcome instanceof Error) throw outcome;
      while ((await outcome.recv()) !== null);
      expect((await outcome.closed).code).toBeGreaterThanOrEqual(1000);
    });
    await fc.assert(property, { seed, numRuns: 120 });
  });
});
