/** The example's template, function and page must agree; its function is run by runtime.test.ts. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (name: string): string =>
  readFileSync(new URL(`../../../examples/lambda/${name}`, import.meta.url), 'utf8');
const template = read('template.yaml');
const source = read('handler.js');
const values = (key: string): string[] =>
  [...template.matchAll(new RegExp(`^ +${key}: (.+)$`, 'gm'))].map((match) => match[1] ?? '');

describe('the template', () => {
  it('names the function that the file exports', () => {
    const [file, name] = values('Handler')[0]?.split('.') ?? [];
    expect(file).toBe('handler');
    expect(source).toContain(`export const ${name} =`);
  });

  it('has the routes that the function handles, each deployed and with the integration', () => {
    expect(values('RouteKey')).toEqual(['$connect', '$disconnect', '$default', 'info']);
    expect(source).toMatch(/routes: \{\s+async info\(/);
    for (const target of values('Target')) expect(target).toMatch(/^!Sub integrations\/\$\{Integration\}$/);
    expect(values('Target')).toHaveLength(4);
    const routes = [...template.matchAll(/^ {2}(\w+):\n {4}Type: AWS::ApiGatewayV2::Route$/gm)];
    expect(values('DependsOn')).toEqual([`[${routes.map((match) => match[1]).join(', ')}]`]);
  });

  it('lets the function manage connections and the API invoke the function, and nothing else', () => {
    expect(values('Action')).toEqual(['execute-api:ManageConnections', 'lambda:InvokeFunction']);
    expect(values('Resource')[0]).toMatch(/:\$\{Api\}\/\$\{StageName\}\/\*\/@connections\/\*$/);
  });

  it('refers only to what it defines', () => {
    const defined = [...template.matchAll(/^ {2}(\w+):$/gm)].map((match) => match[1]);
    const inText = [...template.matchAll(/\$\{([A-Za-z]+)(?:\.\w+)?\}/g)].map((match) => match[1]);
    const alone = [...template.matchAll(/!Ref ([A-Za-z]+)$/gm)].map((match) => match[1]);
    expect(inText.length + alone.length).toBeGreaterThan(15);
    for (const name of [...inText, ...alone]) expect(defined).toContain(name);
  });
});
