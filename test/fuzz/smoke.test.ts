/** A short campaign of every fuzz target, with a fixed seed: the targets work and find nothing. */
import { describe, expect, it } from 'vitest';
import { runCampaign } from '../../fuzz/campaign.ts';
import { targets } from '../../fuzz/targets.ts';

const seed = 20_261_125;

/** As many as take well under half a second on a core of its own. */
const executions: Record<string, number> = {
  frame: 15_000,
  'close-payload': 8_000,
  'request-head': 1_500,
  'response-head': 1_500,
  extensions: 3_000,
  subprotocols: 4_000,
  opening: 3_000,
  connection: 1_500,
  inflate: 200,
  deflate: 60,
  ws: 1_500,
  model: 40,
};

describe('fuzz targets', () => {
  it('are all tried here', () => {
    expect(targets.map(({ name }) => name).sort()).toEqual(Object.keys(executions).sort());
  });

  it.each(targets.map((target) => ({ name: target.name, target })))('$name', async ({ name, target }) => {
    const report = await runCampaign(target, seed, { executions: executions[name] ?? 0 });
    expect(report.failed).toBeUndefined();
    expect(report.executions).toBe(executions[name]);
  });
});
