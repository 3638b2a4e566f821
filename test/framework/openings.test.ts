import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Arrival } from '../../src/framework/context.ts';
import { Openings } from '../../src/framework/openings.ts';
import { headOf, openingLines, Wire } from './wire.ts';

let server: Server | undefined;

/** A server that takes sockets into their openings; arrivals are kept and not answered. */
async function openingsFor(
  timeout: number,
): Promise<{ openings: Openings; arrivals: Arrival[]; open(): Promise<Wire> }> {
  const arrivals: Arrival[] = [];
  const openings = new Openings(timeout, { arrived: (arrival) => arrivals.push(arrival), opened: () => {} });
  const listening = createServer((socket: Socket) => void openings.add(socket));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return { openings, arrivals, open: () => Wire.open((listening.address() as AddressInfo).port) };
}

const settled = (condition: () => boolean): Promise<void> =>
  expect.poll(condition, { timeout: 5_000, interval: 5 }).toBe(true);

afterEach(() => {
  Wire.destroyAll();
  server?.close();
});

describe('sockets in their opening handshake', () => {
  it('bring a request whose head is whole, in one piece or in many, and what came behind it', async () => {
    const { arrivals, open } = await openingsFor(5_000);
    const head = headOf(openingLines('/a?b'));
    for (const pieces of [[`${head}xy`], [head.slice(0, 30), `${head.slice(30)}xy`]]) {
      const wire = await open();
      for (const piece of pieces) {
        wire.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      await settled(() => arrivals.length === 1);
      const arrival = arrivals.pop();
      expect(arrival?.head.target).toBe('/a?b');
      expect(Buffer.from(arrival?.early ?? []).toString()).toBe('xy');
    }
  });

  it('are each refused at their own deadline, whatever the ones before them did', async () => {
    const { openings, arrivals, open } = await openingsFor(300);
    const served = await open();
    served.write(headOf(openingLines()));
    const first = await open();
    await settled(() => openings.size === 2 && arrivals.length === 1);
    arrivals[0]?.place?.opened(JSON.parse('null'));
    expect(openings.size).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const second = await open();
    second.write('GET / HT');
    expect(await first.status()).toBe(408);
    expect(second.received.length).toBe(0);
    expect(await second.status()).toBe(408);
    await settled(() => openings.size === 0);
    expect(served.received.length).toBe(0);
    // The timer has gone out meanwhile; the next socket has its deadline all the same.
    expect(await (await open()).status()).toBe(408);
  });

  it('keep their deadline while a handler decides, and are let go when their socket closes', async () => {
    const { openings, arrivals, open } = await openingsFor(200);
    const undecided = await open();
    undecided.write(headOf(openingLines()));
    const gone = await open();
    await settled(() => openings.size === 2);
    gone.destroy();
    await settled(() => openings.size === 1 && arrivals.length === 1);
    expect(await undecided.status()).toBe(408);
  });

  it('without a deadline wait as long as they like', async () => {
    const { openings, open } = await openingsFor(Infinity);
    const wire = await open();
    await settled(() => openings.size === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(wire.closed).toBe(false);
    openings.refuse();
    expect(await wire.status()).toBe(503);
  });

  it('that end before their request is whole are dropped without an answer', async () => {
    const { openings, open } = await openingsFor(5_000);
    const wire = await open();
    wire.write('GET / HTTP/1.1\r\n');
    wire.socket.end();
    await settled(() => wire.closed && openings.size === 0);
    expect(wire.received.length).toBe(0);
  });
});
