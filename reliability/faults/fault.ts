// What a fault of the list is: a name, and a play on a stage that ends in checks.
// Rule: a fault opens its own stage and closes it, whatever comes of it.
import type { Link } from '../network/link.ts';
import type { Check } from '../report/check.ts';
import { Stage, type StageOptions } from './stage.ts';

export interface Setting {
  /** 1 for a full run, less for a quick one: multiplies counts of connections and rounds. */
  readonly scale: number;
  readonly engine: string | undefined;
  /** The link that can be spoilt; undefined where none can. */
  readonly link: Link | undefined;
}

export interface Finding {
  readonly checks: readonly Check[];
  readonly notes: readonly string[];
}

export interface Fault {
  readonly name: string;
  readonly title: string;
  /** Whether it needs a link that can be spoilt. */
  readonly needsLink?: boolean;
  run(setting: Setting): Promise<Finding>;
}

/** A whole number of things for a scale, at least `least`. */
export const scaled = ({ scale }: Setting, full: number, least = 1): number =>
  Math.max(least, Math.round(full * scale));

/** Plays on a stage of its own. */
export async function onStage(
  setting: Setting,
  options: Omit<StageOptions, 'engine'>,
  play: (stage: Stage) => Promise<Finding>,
): Promise<Finding> {
  const stage = await Stage.open({ ...options, engine: setting.engine });
  try {
    return await play(stage);
  } finally {
    setting.link?.heal();
    await stage.close();
  }
}
