/** Every input that once broke a property is tried again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCase, regressionFolder, replay } from '../../fuzz/campaign.ts';
import { targets } from '../../fuzz/targets.ts';

const files = existsSync(regressionFolder)
  ? readdirSync(regressionFolder).filter((name) => name.endsWith('.json'))
  : [];

describe('fuzz/regressions', () => {
  it('holds cases of targets that exist', () => {
    for (const file of files) {
      const { target } = readCase(readFileSync(new URL(file, regressionFolder), 'utf8'));
      expect(
        targets.map(({ name }) => name),
        file,
      ).toContain(target);
    }
  });

  it.each(files)('%s holds now', async (file) => {
    const found = readCase(readFileSync(new URL(file, regressionFolder), 'utf8'));
    const target = targets.find(({ name }) => name === found.target);
    await expect(target === undefined ? undefined : replay(target, found)).resolves.toBeUndefined();
  });
});
