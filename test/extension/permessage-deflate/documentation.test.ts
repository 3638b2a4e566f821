/** The table of requirements in docs/compression.md names tests that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/compression.md', root), 'utf8');
const table = page.slice(page.indexOf('## RFC 7692, requirement by requirement'));
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| § '))
  .map((line) => line.split(' | '));

describe('the requirements of RFC 7692', () => {
  it.each(rows.map((cells) => [cells[0], cells[1], cells[2] ?? '']))(
    '%s %s: %s',
    (_section, _what, tests) => {
      const named = [...tests.matchAll(/`([\w/-]+)`: "([^"]+)"/g)];
      expect(named.length).toBeGreaterThan(0);
      expect(named.length).toBe(tests.split('"; ').length);
      for (const [, name = '', title = ''] of named) {
        const folder = name.includes('/') ? 'test/' : 'test/extension/permessage-deflate/';
        const file = new URL(`${folder}${name}.test.ts`, root);
        expect([name, existsSync(file)]).toEqual([name, true]);
        expect([title, readFileSync(file, 'utf8').includes(`'${title}'`)]).toEqual([title, true]);
      }
    },
  );

  it('are all there', () => {
    const sections = new Set(rows.flatMap(([cell = '']) => cell.replace('| ', '').split(', ')));
    const expected = '5 5.1 6 6.1 7.1 7.1.1 7.1.1.1 7.1.1.2 7.1.2 7.1.2.1 7.1.2.2 7.2.1 7.2.2 8'.split(' ');
    const examples = [1, 2, 3, 4, 5, 6].map((number) => `7.2.3.${number}`);
    expect([...sections].sort()).toEqual([...expected, ...examples].sort());
  });
});
