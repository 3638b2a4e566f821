// Assembles the WebAssembly modules, each `x.wat` into `x-code.ts` beside it: `node scripts/assemble.js`.
// With --print and the path of one, its base64 to the terminal instead (without a path: that of the first).
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const modules = [
  'src/frame/simd.wat',
  'src/extension/permessage-deflate/deflate.wat',
  'src/extension/permessage-deflate/inflate.wat',
];

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const { parseWat } = await wabt();

const assemble = (path) => {
  const parsed = parseWat(basename(path), readFileSync(at(path), 'utf8'), { simd: true, bulk_memory: true });
  parsed.validate();
  return Buffer.from(parsed.toBinary({}).buffer).toString('base64');
};

const write = (path) => {
  const name = basename(path, '.wat');
  const lines = assemble(path).match(/.{1,100}/g) ?? [];
  writeFileSync(
    at(path.replace('.wat', '-code.ts')),
    `/**
 * \`${name}.wat\`, assembled: base64 of a WebAssembly module.
 *
 * The rule of this file: nobody edits it; \`node scripts/assemble.js\` writes it.
 */
export const ${name}Code =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`,
  );
};

if (process.argv[2] === '--print') {
  process.stdout.write(assemble(process.argv[3] ?? modules[0]));
} else {
  for (const path of modules) write(path);
}
