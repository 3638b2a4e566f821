/** That the coverage-guided run, which needs a tool that few have, would find the same as the others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../fuzz/guided/bundle.ts';
import { explain, findJazzer } from '../../fuzz/guided/jazzer.ts';
import { Random } from '../../fuzz/random.ts';
import { targets } from '../../fuzz/targets.ts';

describe('the bundle for a coverage-guided fuzzer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  let file = '';

  beforeAll(async () => {
    file = await bundle(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['frame', 'request-head', 'connection'])('tries inputs of the target %s', async (name) => {
    process.env['FRAMEWRIGHT_FUZZ_TARGET'] = name;
    const require = createRequire(import.meta.url);
    delete require.cache[file];
    const { fuzz }: { fuzz(input: Uint8Array): Promise<void> } = require(file);
    const random = new Random(7);
    const target = targets.find((one) => one.name === name);
    for (let index = 0; index < 50; index += 1) {
      await fuzz(Buffer.from(target?.generate(random) ?? []));
    }
  });
});

describe('where it can not run', () => {
  it('says that Jazzer.js is not installed', () => {
    expect(findJazzer(tmpdir())).toMatchObject({
      missing: expect.stringMatching(/not installed.*npm install/),
    });
  });

  it('says which glibc is missing, or what else the system said', () => {
    const said = "Error: /lib/libc.so.6: version `GLIBC_2.38' not found (required by x.node)";
    expect(explain(said, '2.36')).toMatch(/needs glibc 2\.38, and this system has 2\.36/);
    expect(explain(said, undefined)).toMatch(/has another C library/);
    expect(explain('cannot open shared object file', '2.36')).toContain('cannot open shared object file');
  });
});
