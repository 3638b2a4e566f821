/** That a campaign notices a broken property, tells it by input and seed, and that the case then fails again. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { keep, readCase, replay, runCampaign } from '../../fuzz/campaign.ts';
import { FrameDigest } from '../../fuzz/frame/digest.ts';
import { decodeByReference } from '../../fuzz/frame/reference.ts';
import { Random } from '../../fuzz/random.ts';
import { demand, demandEqual, type FuzzTarget } from '../../fuzz/target.ts';
import { clientFrame, serverRules } from '../frame/recorder.ts';

/** Holds unless a byte of the input and a number drawn by the check are both below 16. */
const rarelyBroken: FuzzTarget = {
  name: 'rarely-broken',
  property: 'nothing small meets nothing small',
  generate: (random) => Uint8Array.of(random.bits()),
  check: ([byte = 0], random) => demand(byte >= 16 || random.below(256) >= 16, 'both are small'),
};

describe('runCampaign', () => {
  it('finds what is broken once in 256 times, the same way each time', async () => {
    const { failed, executions } = await runCampaign(rarelyBroken, 7, { executions: 20_000 });
    expect(failed?.failure).toBe('BrokenProperty: both are small');
    expect(executions).toBeLessThan(20_000);
    expect(await runCampaign(rarelyBroken, 7, { executions: 20_000 })).toMatchObject({ failed, executions });
  });

  it('waits for checks that take their time', async () => {
    const later: FuzzTarget = { ...rarelyBroken, check: () => Promise.reject(new Error('later')) };
    expect((await runCampaign(later, 1, { executions: 5 })).failed?.failure).toBe('Error: later');
  });

  it('stops after the time it was given', async () => {
    const idle: FuzzTarget = { ...rarelyBroken, check: () => {} };
    const report = await runCampaign(idle, 1, { seconds: 0.01 });
    expect(report.failed).toBeUndefined();
    expect(report.executions).toBeGreaterThan(0);
  });
});

describe('a kept case', () => {
  it('is read back and fails again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
    try {
      const { failed } = await runCampaign(rarelyBroken, 7, { executions: 20_000 });
      if (failed === undefined) throw new Error('nothing was found');
      const path = keep(failed, pathToFileURL(`${folder}/`));
      const again = readCase(readFileSync(path, 'utf8'));
      expect(again).toEqual(failed);
      await expect((async () => replay(rarelyBroken, again))()).rejects.toThrow('both are small');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('must have a target, a seed and an input', () => {
    expect(() => readCase('{"target":"frame","seed":1}')).toThrow(TypeError);
    expect(() => readCase('null')).toThrow(TypeError);
  });
});

describe('the parts that judge', () => {
  const digestOf = (bytes: readonly number[]): number => {
    const digest = new FrameDigest();
    digest.reset();
    decodeByReference(serverRules, Uint8Array.from(bytes), digest);
    return digest.value;
  };

  it('the digest tells frames apart that differ in one bit', () => {
    const frames = [
      clientFrame(0x82, [1, 2, 3]),
      clientFrame(0x81, [1, 2, 3]),
      clientFrame(0x02, [1, 2, 3]),
      clientFrame(0x82, [1, 2, 2]),
      clientFrame(0x82, [1, 2]),
      clientFrame(0x8a, [1, 2, 3]),
      clientFrame(0x89, [1, 2, 3]),
      clientFrame(0xc2, [1, 2, 3]),
      clientFrame(0x80, [1, 2, 3]),
    ];
    expect(new Set(frames.map(digestOf)).size).toBe(frames.length);
  });

  it('the reference leaves what it reads as it is, also in a Buffer', () => {
    const bytes = Buffer.from(clientFrame(0x82, [1, 2, 3]));
    const before = [...bytes];
    decodeByReference(serverRules, bytes, new FrameDigest());
    expect([...bytes]).toEqual(before);
  });

  it('demandEqual compares content', () => {
    expect(() => demandEqual({ a: [1] }, { a: [1] }, 'same')).not.toThrow();
    expect(() => demandEqual({ a: [1] }, { a: [2] }, 'same')).toThrow('same: {"a":[1]} and {"a":[2]}');
  });

  it('cuts ascend and stay within', () => {
    const random = new Random(3);
    for (let round = 0; round < 2_000; round += 1) {
      const length = random.below(40);
      const cuts = random.cuts(length);
      expect(cuts).toEqual([...cuts].sort((a, b) => a - b));
      expect(cuts.every((cut) => cut >= 0 && cut < length)).toBe(true);
    }
  });
});
