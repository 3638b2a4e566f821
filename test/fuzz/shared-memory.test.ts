/**
 * Many real sockets at once, which are all read into the same memory: nobody receives, or is told, what was another's.
 */
import { type Closure, connect, listen } from 'framewright';
import { describe, expect, it } from 'vitest';
import { Random } from '../../fuzz/random.ts';

const connections = 40;

/** Unlike any other of any connection, and of every size that is read, copied or kept in another way. */
function contentOf(random: Random, name: string, index: number): string {
  const size = random.pick([0, 1, 20, 130, 383, 400, 2_040, 2_060, 9_000, 40_000, 70_000]);
  const text = `${name}/${index};`.padEnd(size, random.once(3) ? 'ä€😀' : `${name} `);
  // Half of a pair at its end becomes what it is on the wire.
  return Buffer.from(text).toString();
}

/** What the messages of one connection look like on the other side, and how it ended there. */
interface Received {
  readonly messages: string[];
  closure: Closure | undefined;
}

describe('sockets that share their read buffer', () => {
  it('each receives its own messages, in order, and the Close that its peer sent right behind the last', async () => {
    const received = new Map<string, Received>();
    await using server = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        '/:name': (context) =>
          context.upgrade(async (connection) => {
            const entry: Received = { messages: [], closure: undefined };
            received.set(context.params['name'] ?? '', entry);
            for await (const message of connection) {
              entry.messages.push(typeof message === 'string' ? message : message.toString());
              // Now and then another socket is read while this one's messages are still being taken.
              if (entry.messages.length % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
            }
            entry.closure = await connection.closed;
          }),
      },
    );
    const expected = new Map<string, string[]>();
    await Promise.all(
      Array.from({ length: connections }, async (_, number) => {
        const random = new Random(number + 1);
        const name = `n${number}`;
        const messages = Array.from({ length: 40 }, (_unused, index) => contentOf(random, name, index));
        expected.set(name, messages);
        const connection = await connect(`ws://127.0.0.1:${server.port}/${name}`);
        for (const [index, message] of messages.entries()) {
          connection.write(random.once(2) ? message : Buffer.from(message));
          if (random.once(4)) await connection.flush();
          if (index === messages.length - 1)
            expect((await connection.close(4_000 + number)).clean).toBe(true);
        }
      }),
    );
    const deadline = Date.now() + 5_000;
    while ([...received.values()].some(({ closure }) => closure === undefined) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const [name, messages] of expected) {
      const entry = received.get(name);
      expect(entry?.messages.length, name).toBe(messages.length);
      expect(
        entry?.messages.findIndex((message, index) => message !== messages[index]),
        name,
      ).toBe(-1);
      expect(entry?.closure).toMatchObject({ code: 4_000 + Number(name.slice(1)), clean: true, by: 'peer' });
    }
  });
});
