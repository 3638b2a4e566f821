/** A listener that notes what it is told, in order. */
import type { Region, TransportListener } from '../../src/connection/port.ts';

export class Notes implements TransportListener {
  readonly events: string[] = [];
  readonly chunks: Uint8Array[] = [];
  error: Error | undefined;
  #waiting: { readonly event: string; readonly resolve: () => void }[] = [];

  data(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    if (this.events.at(-1) !== 'data') this.#note('data');
    else this.#wake('data');
  }

  lent({ bytes }: Region, size: number): void {
    this.data(Uint8Array.from(bytes.subarray(0, size)));
  }

  drained(): void {
    this.#note('drained');
  }

  ended(): void {
    this.#note('ended');
  }

  closed(error?: Error): void {
    this.error = error;
    this.#note('closed');
  }

  get received(): string {
    return Buffer.concat(this.chunks).toString();
  }

  get size(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Resolves at the next such event, or at once when it has come. */
  until(event: string, met: () => boolean = () => this.events.includes(event)): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({
        event,
        resolve: () => {
          if (met()) resolve();
          else void this.until(event, met).then(resolve);
        },
      });
    });
  }

  #note(event: string): void {
    this.events.push(event);
    this.#wake(event);
  }

  #wake(event: string): void {
    const due = this.#waiting.filter((one) => one.event === event);
    this.#waiting = this.#waiting.filter((one) => one.event !== event);
    for (const { resolve } of due) resolve();
  }
}
