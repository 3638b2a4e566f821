// The few figures the report needs: medians, and percentiles of a latency histogram.
// Rule: a histogram is plain counts, so that it can cross a process boundary and be subtracted or merged.

/** The middle of the values; the mean of the two middle ones when their number is even. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

const STEPS_PER_DOUBLING = 16;
const SMALLEST_MS = 0.001;
const BUCKETS = STEPS_PER_DOUBLING * 26; // up to about a minute

/** Counts of times in milliseconds, in buckets about 4 % wide. */
export class Histogram {
  readonly counts: number[] = new Array<number>(BUCKETS).fill(0);
  max = 0;

  add(ms: number): void {
    const steps = Math.floor(Math.log2(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) * STEPS_PER_DOUBLING);
    const bucket = Math.min(steps, BUCKETS - 1);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    if (ms > this.max) this.max = ms;
  }

  clear(): void {
    this.counts.fill(0);
    this.max = 0;
  }

  /** Milliseconds below which the given share (0 … 1) of all times lies; undefined for an empty histogram. */
  percentile(share: number): number | undefined {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return undefined;
    let left = share * total;
    for (const [bucket, count] of this.counts.entries()) {
      left -= count;
      if (left <= 0) return Math.min(this.max, SMALLEST_MS * 2 ** ((bucket + 1) / STEPS_PER_DOUBLING));
    }
    return this.max;
  }
}
