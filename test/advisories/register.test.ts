import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { register } from './register.ts';

const folder = new URL('./', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'register.test.ts');

describe('the register of advisories', () => {
  it('names every test, and only tests that exist', () => {
    const named = register.flatMap(({ test }) => (test === undefined ? [] : [`${test}.test.ts`]));
    expect(named.sort()).toEqual([...files].sort());
  });

  it('has each advisory once, with a test or a reason', () => {
    const ids = register.flatMap((row) => row.ids);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const {
      ids: [id],
      test,
      reason,
    } of register) {
      expect((test === undefined) !== (reason === undefined), id).toBe(true);
    }
    expect(ids.length).toBeGreaterThan(120);
  });

  it.each(files)('%s says in its first line what had gone wrong', (file) => {
    expect(readFileSync(new URL(file, folder), 'utf8')).toMatch(/^\/\/ \S[^\n]{15,}\n/);
  });
});
