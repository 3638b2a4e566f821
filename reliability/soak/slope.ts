// The straight line through samples over time.
// Rule: least squares, nothing cleverer; the start is left out because pools fill and code is compiled there.

export interface Sample {
  /** Seconds, cycles, or whatever the slope is wanted over. */
  readonly at: number;
  readonly value: number;
}

/** Change of the value per unit of `at`; NaN for fewer than two samples. */
export function slope(samples: readonly Sample[]): number {
  const count = samples.length;
  if (count < 2) return Number.NaN;
  const meanAt = samples.reduce((sum, { at }) => sum + at, 0) / count;
  const meanValue = samples.reduce((sum, { value }) => sum + value, 0) / count;
  let products = 0;
  let squares = 0;
  for (const { at, value } of samples) {
    products += (at - meanAt) * (value - meanValue);
    squares += (at - meanAt) ** 2;
  }
  return products / squares;
}

/** The samples behind the first share (0 … 1) of the time. */
export function settled(samples: readonly Sample[], share: number): Sample[] {
  const first = samples[0]?.at ?? 0;
  const last = samples.at(-1)?.at ?? 0;
  return samples.filter(({ at }) => at - first >= (last - first) * share);
}
