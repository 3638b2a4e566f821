// Assembles src/frame/simd.wat into src/frame/simd-code.ts: `node scripts/assemble.js`. With --print, base64 to the terminal instead.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const { parseWat } = await wabt();
const parsed = parseWat('simd.wat', readFileSync(at('src/frame/simd.wat'), 'utf8'), { simd: true });
parsed.validate();
const code = Buffer.from(parsed.toBinary({}).buffer).toString('base64');

if (process.argv[2] === '--print') {
  process.stdout.write(code);
} else {
  const lines = code.match(/.{1,100}/g) ?? [];
  writeFileSync(
    at('src/frame/simd-code.ts'),
    `/**
 * \`simd.wat\`, assembled: base64 of a WebAssembly module.
 *
 * The rule of this file: nobody edits it; \`node scripts/assemble.js\` writes it.
 */
export const simdCode =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`,
  );
}
