// What lies on a heap, by the names that a snapshot gives it.
// Rule: the snapshot is read in another process than the one it was taken of, which it would change.
import { readFileSync, rmSync } from 'node:fs';

/** The parts of a heap snapshot that are read here. */
interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: string[]; readonly node_types: unknown[] } };
  readonly nodes: number[];
  readonly strings: string[];
}

/** Instances by class, closures by function, and strings and arrays; not what V8 keeps of the code. */
export function objectsIn(file: string): Map<string, number> {
  const read: Snapshot = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  const { nodes, strings, snapshot } = read;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const kinds: unknown = types[0];
  const counts = new Map<string, number>();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind: unknown = Array.isArray(kinds) ? kinds[nodes[at + fields.indexOf('type')] ?? 0] : undefined;
    const name = strings[nodes[at + fields.indexOf('name')] ?? 0];
    const key =
      kind === 'object' || kind === 'native' || kind === 'closure'
        ? `${kind} ${name}`
        : kind === 'string' || kind === 'array'
          ? kind
          : undefined;
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

export interface Growth {
  readonly name: string;
  readonly count: number;
  readonly grown: number;
}

/** What there is more of, the most first. */
export function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Growth[] {
  return [...after]
    .map(([name, count]) => ({ name, count, grown: count - (before.get(name) ?? 0) }))
    .filter(({ grown }) => grown > 0)
    .sort((a, b) => b.grown - a.grown);
}
