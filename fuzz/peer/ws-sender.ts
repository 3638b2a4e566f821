/**
 * How `ws` writes a frame.
 *
 * The rule of this file: the one place that knows how that sender is called.
 */
import * as ws from 'ws';

interface FrameOptions {
  readonly fin: boolean;
  readonly mask: boolean;
  readonly opcode: number;
  readonly readOnly: boolean;
  readonly rsv1: boolean;
}

interface SenderClass {
  frame(data: Buffer, options: FrameOptions): Buffer[];
}

/** The published types do not name it, the package does. */
const isSenderClass = (value: unknown): value is SenderClass =>
  typeof value === 'function' && typeof Reflect.get(value, 'frame') === 'function';

const Sender: unknown = Reflect.get(ws, 'Sender');
if (!isSenderClass(Sender)) throw new TypeError('this release of ws exports no Sender');
const frame = Sender.frame.bind(Sender);

/** One whole frame. `masked` is for a client's. */
export const frameOfWs = (opcode: number, payload: Uint8Array, masked: boolean): Uint8Array =>
  Buffer.concat(
    frame(Buffer.from(payload), { fin: true, mask: masked, opcode, readOnly: false, rsv1: false }),
  );
