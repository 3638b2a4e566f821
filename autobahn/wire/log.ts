/**
 * The wire log of one case: what went each way, in octets and in frames, with the time of each.
 *
 * Rule: bounded. The masses of groups 9, 12 and 13 move gigabytes; their log keeps the opening,
 * the beginning, every note and every Close, and counts the rest.
 */
import type { FrameSpec, SeenFrame } from './frame.ts';

const OCTETS_SHOWN = 256;
const ENTRIES_KEPT = 120;
/** The most octets of a write that counts as tiny. */
const TINY = 4;

export type LogKind = 'sent' | 'received' | 'frame-sent' | 'frame-received' | 'note';

export interface LogEntry {
  /** Milliseconds since the case began. */
  readonly at: number;
  readonly kind: LogKind;
  /** Hexadecimal octets, at most 256 of them; for a note, its text. */
  readonly text: string;
  /** Octets in all, also when not all are shown. */
  readonly size: number;
  /** Writes that one entry stands for: a run of tiny ones is told as one. */
  readonly writes?: number;
  readonly frame?: {
    readonly opcode: number;
    readonly fin: boolean;
    readonly rsv: number;
    readonly key: string | null;
  };
}

export class WireLog {
  readonly entries: LogEntry[] = [];
  /** Entries that were counted but not kept. */
  dropped = 0;
  octetsSent = 0;
  octetsReceived = 0;
  readonly #began = performance.now();

  get elapsed(): number {
    return performance.now() - this.#began;
  }

  sent(octets: Uint8Array): void {
    this.octetsSent += octets.length;
    const last = this.entries.at(-1);
    const joins = octets.length <= TINY && last?.kind === 'sent' && last.text.length < OCTETS_SHOWN * 2;
    if (joins && last.size <= TINY * (last.writes ?? 1)) {
      const { at, kind, size, text, writes = 1 } = last;
      this.entries[this.entries.length - 1] = {
        at,
        kind,
        text: text + hex(octets),
        size: size + octets.length,
        writes: writes + 1,
      };
    } else {
      this.#octets('sent', octets);
    }
  }

  received(octets: Uint8Array): void {
    this.octetsReceived += octets.length;
    this.#octets('received', octets);
  }

  frameSent(spec: FrameSpec): void {
    const payload = spec.payload ?? new Uint8Array(0);
    const key = spec.mask instanceof Uint8Array ? hex(spec.mask) : null;
    const frame = { opcode: spec.opcode, fin: spec.fin !== false, rsv: spec.rsv ?? 0, key };
    this.#keep('frame-sent', payload, spec.opcode === 8, frame);
  }

  frameReceived(seen: SeenFrame): void {
    const key = seen.key === null ? null : hex(seen.key);
    const frame = { opcode: seen.opcode, fin: seen.fin, rsv: seen.rsv, key };
    this.#keep('frame-received', seen.payload, seen.opcode === 8, frame);
  }

  note(text: string): void {
    this.entries.push({ at: this.elapsed, kind: 'note', text, size: 0 });
  }

  #octets(kind: LogKind, octets: Uint8Array): void {
    if (this.entries.length >= ENTRIES_KEPT) this.dropped++;
    else this.entries.push({ at: this.elapsed, kind, text: hex(octets), size: octets.length });
  }

  #keep(kind: LogKind, payload: Uint8Array, always: boolean, frame: NonNullable<LogEntry['frame']>): void {
    if (this.entries.length >= ENTRIES_KEPT && !always) this.dropped++;
    else this.entries.push({ at: this.elapsed, kind, text: hex(payload), size: payload.length, frame });
  }
}

const hex = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, Math.min(octets.length, OCTETS_SHOWN)).toString('hex');
