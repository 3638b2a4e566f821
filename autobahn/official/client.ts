/**
 * Walks the engine's client through a suite that serves cases, and echoes what it is sent.
 *
 * Rule: a case that fails, also at the opening handshake, does not stop the walk; the suite is the
 * one that judges. Usage: client.ts <ws-url> [agent] [cases at once].
 */
import { type Connection, connect } from '../../src/index.ts';

const [base = 'ws://127.0.0.1:9001', agent = 'framewright', width = '1'] = process.argv.slice(2);
const LARGEST = 16 * 1024 * 1024;
const OPTIONS = {
  perMessageDeflate: true,
  maxFrameSize: LARGEST,
  maxMessageSize: LARGEST,
  // The official suite stands still while it writes its reports.
  pingInterval: 0,
};
/** Seconds a suite gets from the first sign of its port to its first answer. */
const STARTING = 30;

const open = (path: string): Promise<Connection> => connect(`${base.replace(/\/$/, '')}${path}`, OPTIONS);

async function ask(path: string): Promise<string | null> {
  const connection = await open(path);
  const answer = await connection.recv();
  await connection.close();
  return typeof answer === 'string' ? answer : null;
}

/** The number of cases. A published port of a container may be open before the suite in it listens. */
async function countCases(): Promise<number> {
  for (let second = 1; ; second++) {
    try {
      return Number(await ask('/getCaseCount'));
    } catch (error) {
      if (second === STARTING) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function runCase(number: number): Promise<void> {
  try {
    const connection = await open(`/runCase?case=${number}&agent=${encodeURIComponent(agent)}`);
    for await (const message of connection) await connection.send(message);
    await connection.closed;
  } catch {
    // The suite has seen it: a refused answer, or a connection that failed as it should.
  }
}

async function walk(count: number): Promise<void> {
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= count) await runCase(next++);
  };
  await Promise.all(Array.from({ length: Number(width) }, worker));
}

const count = await countCases();
if (!Number.isInteger(count) || count < 1) throw new Error('the suite did not say how many cases there are');
await walk(count);
await ask(`/updateReports?agent=${encodeURIComponent(agent)}`);
console.log(`walked through ${count} cases`);
