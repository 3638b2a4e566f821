/** The code of the documentation compiles as it stands, every block as a file of its own. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { compile, root } from './compiler.ts';

/** The code blocks of a page, as files. */
async function blocksOf(page: string): Promise<Record<string, string>> {
  const text = await readFile(`${root}${page}`, 'utf8');
  const blocks = [...text.matchAll(/^```(ts|js)\n(.*?)^```$/gms)];
  return Object.fromEntries(
    blocks.map(([, language, code = ''], index) => [`block-${index}.${language}`, code]),
  );
}

it('docs/workers.md', async () => {
  const blocks = await blocksOf('docs/workers.md');
  expect(Object.keys(blocks)).toHaveLength(5);
  const output = await compile('workers', {
    ...blocks,
    'globals.d.ts': `
interface Env { readonly ROOM: DurableObjectNamespace }
interface Member { readonly name: string; messages: number }
declare const handlers: import('framewright/durable').DurableHandlers<Member, Env>;
`,
    'echo.ts': `export { echo } from './block-0.ts';`,
    'base.ts': `
export class Base implements DurableObject {
  constructor(protected readonly ctx: DurableObjectState, protected readonly env: Env) {}
  fetch(_request: Request): Response | Promise<Response> { return new Response(); }
}
`,
  });
  expect(output).toBe('');
});

it('docs/lambda.md', async () => {
  const blocks = await blocksOf('docs/lambda.md');
  expect(Object.keys(blocks)).toHaveLength(4);
  const output = await compile('lambda', {
    ...blocks,
    'globals.d.ts': `
declare const options: import('framewright/lambda').LambdaOptions;
declare function isAllowed(authorization: string | undefined): boolean;
declare function forget(connectionId: string): Promise<void>;
`,
  });
  expect(output).toBe('');
});
