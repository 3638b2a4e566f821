/**
 * What can happen to the two endpoints: calls of their applications, frames of a peer, faults of the wire, time.
 *
 * The rule of this file: several commands may fall into one turn of the event loop; only some of them wait for the
 * next one. Each leaves both endpoints in a state that `check` accepts.
 */
import fc from 'fast-check';
import type { End } from './end.ts';
import { cutOff, injections } from './injections.ts';
import { type Model, type Name, type Pair, turn } from './pair.ts';

type Step = fc.AsyncCommand<Model, Pair>;

/** A command made of a text and of what it does. */
function command(
  text: string,
  run: (pair: Pair, model: Model) => void | Promise<void>,
  possible: (model: Model) => boolean = () => true,
): Step {
  return {
    check: possible,
    async run(model, pair) {
      const pending = run(pair, model);
      if (pending !== undefined) await pending;
      pair.steps += 1;
      pair.check();
    },
    toString: () => text,
  };
}

const names = fc.constantFrom<Name>('client', 'server');
const other = (name: Name): Name => (name === 'client' ? 'server' : 'client');

const fillings = ['-', 'x', 'ä€😀', 'y'.repeat(100)] as const;

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.nat(60) },
  { weight: 2, arbitrary: fc.nat(3_000) },
  { weight: 1, arbitrary: fc.integer({ min: 15_000, max: 17_500 }) },
  { weight: 1, arbitrary: fc.integer({ min: 29_000, max: 31_000 }) },
);

/** How many messages at once; sometimes so many that what one leaves behind adds up. */
const repeats = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 2, max: 30 }) },
  { weight: 1, arbitrary: fc.constant(1_200) },
);

/** A command on one end. */
const on =
  <Value>(label: string, act: (end: End, value: Value, pair: Pair) => void) =>
  ([name, value]: [Name, Value]): Step =>
    command(`${name} ${label} ${JSON.stringify(value)}`, (pair) => act(pair.end(name), value, pair));

const calls: fc.Arbitrary<Step>[] = [
  fc.tuple(names, fc.tuple(sizes, fc.constantFrom(...fillings), fc.boolean())).map(
    on('sends', (end, [size, filling, isText]) => {
      const text = end.content(filling, size);
      end.send(isText ? text : Buffer.from(text));
    }),
  ),
  fc.tuple(names, fc.tuple(repeats, sizes)).map(
    on('sends many', (end, [many, size]) => {
      for (let left = many; left > 0; left -= 1) end.send(end.content('-', Math.min(size, 60_000 / many)));
    }),
  ),
  fc.tuple(names, sizes).map(on('writes', (end, size) => end.write(end.content('z', size)))),
  fc.tuple(names, fc.array(fc.nat(800), { minLength: 1, maxLength: 6 })).map(
    on('streams', (end, chunks) =>
      end.stream(
        chunks.map((size) => end.content('😀', size)),
        false,
      ),
    ),
  ),
  fc.tuple(names, fc.integer({ min: 1, max: 4 })).map(
    on('breaks a stream after', (end, chunks) =>
      end.stream(
        Array.from({ length: chunks }, () => end.content('-', 10)),
        true,
      ),
    ),
  ),
  fc.tuple(names, fc.constant('')).map(on('flushes', (end) => end.flush())),
  fc.tuple(names, fc.constantFrom('', 'p', 'x'.repeat(125))).map(on('pings', (end, data) => end.ping(data))),
  fc.tuple(names, fc.nat(3)).map(
    on('waits for', (end, many) => {
      for (let left = many; left > 0; left -= 1) end.recv();
    }),
  ),
  fc.tuple(names, fc.integer({ min: 1, max: 40 })).map(on('takes', (end, many) => end.take(many))),
];

const endings: fc.Arbitrary<Step>[] = [
  fc
    .tuple(names, fc.tuple(fc.constantFrom(1000, 1001, 3000, 4999, 1005, 999), fc.constantFrom('', 'grüße')))
    .map(on('closes', (end, [code, reason]) => end.close(code, reason))),
  names.map((name) => command(`${name} terminates`, (pair) => pair.end(name).terminate())),
];

function breakWire(model: Model): void {
  model.client.wire = true;
  model.server.wire = true;
}

const peers: fc.Arbitrary<Step> = fc
  .tuple(names, fc.constantFrom(...Object.keys(injections)))
  .map(([name, kind]) =>
    command(`${name} is sent ${kind}`, (pair, model) => {
      const bytes = injections[kind]?.(name === 'server');
      pair.injectedInto.add(name);
      if (cutOff.has(kind)) breakWire(model);
      if (bytes !== undefined) pair.end(other(name)).wire.inject(bytes);
    }),
  );

const whole = (model: Model): boolean => !model.client.wire && !model.server.wire;

/** A fault of the wire, that both ends may be excused by from then on. */
const fault = (label: string, act: (end: End, pair: Pair) => void): fc.Arbitrary<Step> =>
  names.map((name) =>
    command(
      `the wire of the ${name} ${label}`,
      (pair, model) => {
        breakWire(model);
        act(pair.end(name), pair);
      },
      whole,
    ),
  );

const faults: fc.Arbitrary<Step>[] = [
  fault('ends', (end) => end.wire.cut()),
  fault('is reset', (_end, pair) => {
    for (const end of pair.ends) end.wire.reset();
  }),
  fault('goes dead', (_end, pair) => {
    for (const end of pair.ends) end.wire.swallow();
  }),
];

const weather: fc.Arbitrary<Step>[] = [
  fc.tuple(names, fc.constantFrom(0, 1, 2, 7, 100)).map(
    on('gets segments of', (end, segment) => {
      end.wire.segment = segment;
    }),
  ),
  names.map((name) => command(`the ${name} gets nothing for a while`, (pair) => pair.end(name).wire.stall())),
  names.map((name) => command(`the ${name} gets all`, (pair) => pair.end(name).wire.flow())),
];

const time: fc.Arbitrary<Step>[] = [
  fc.integer({ min: 1, max: 4 }).map((turns) =>
    command(`${turns} turns`, async () => {
      for (let left = turns; left > 0; left -= 1) await turn();
    }),
  ),
  fc
    .constantFrom(1_000, 5_000, 10_000, 20_000, 60_000, 600_000)
    .map((milliseconds) => command(`${milliseconds} ms`, (pair) => pair.advance(milliseconds))),
];

const many = <Item>(times: number, list: readonly Item[]): Item[] =>
  Array.from({ length: times }, () => list).flat();

/** All commands, the likelier ones more than once. */
export const commands: fc.Arbitrary<Step>[] = [
  ...many(6, calls),
  ...endings,
  ...many(3, [peers]),
  ...faults,
  ...many(2, weather),
  ...many(8, time),
];
