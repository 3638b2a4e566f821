/** A served socket in memory, whose events come when a test wants them. */
import type { CloseFacts, ServedSocket } from '../../../../src/platform/workers/runtime.ts';
import { FakeSocket } from './fakes.ts';

interface Events {
  message: { readonly data: string | ArrayBuffer };
  close: CloseFacts;
  error: { readonly message: string };
}

export class FakeServedSocket extends FakeSocket implements ServedSocket {
  binaryType = 'blob';
  bufferedAmount = 0;
  accepted = false;
  readonly #listeners: { [Type in keyof Events]: ((event: Events[Type]) => void)[] } = {
    message: [],
    close: [],
    error: [],
  };

  accept(): void {
    this.accepted = true;
  }

  addEventListener<Type extends keyof Events>(type: Type, listener: (event: Events[Type]) => void): void {
    this.#listeners[type].push(listener);
  }

  emit<Type extends keyof Events>(type: Type, event: Events[Type]): void {
    for (const listener of this.#listeners[type]) listener(event);
  }
}
