// Connections that come, say one thing, and go.
// Rule: every echo is compared and every closure is clean; anything else is counted as a failure.
import { performance } from 'node:perf_hooks';
import { connect } from 'framewright';

export interface Churned {
  readonly cycles: number;
  readonly seconds: number;
  readonly failures: readonly string[];
}

async function cycle(url: string, number: number, deflate: boolean): Promise<void> {
  const connection = await connect(url, { perMessageDeflate: deflate && { threshold: 0 } });
  const message = `cycle ${number} `.repeat(10);
  await connection.send(message);
  const answer = await connection.recv();
  if (answer !== message) throw new Error(`cycle ${number} had another answer`);
  const { code, clean } = await connection.close(1000);
  if (code !== 1000 || !clean) throw new Error(`cycle ${number} ended with ${code}`);
}

/** @param deflate every other connection offers compression */
export async function churn(
  port: number,
  cycles: number,
  concurrency: number,
  deflate: boolean,
): Promise<Churned> {
  const failures: string[] = [];
  const begun = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < cycles) {
      const number = next;
      next += 1;
      try {
        await cycle(`ws://127.0.0.1:${port}/echo`, number, deflate && number % 2 === 1);
      } catch (error) {
        if (failures.length < 20) failures.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { cycles, seconds: (performance.now() - begun) / 1_000, failures };
}
