/** Work that begins where the stack is nearly full, so that an error cuts it off somewhere. */

/**
 * Acts as many calls above the one at which the stack is full.
 *
 * @param bytes about as many bytes more or less, since calls have sizes: what decides where exactly it happens
 * @returns what was thrown
 */
export const actNearTheEnd = (calls: number, bytes: number, act: () => void): unknown => {
  const some = Array.from({ length: bytes >> 3 }, () => 0);
  let thrown: unknown;
  const dive = (): number => {
    let above = 0;
    try {
      above = dive() + 1;
    } catch {}
    if (above === calls) {
      try {
        shifted(act, ...some);
      } catch (error) {
        thrown = error;
      }
    }
    return above;
  };
  dive();
  return thrown;
};

const shifted = (act: () => void, ..._some: readonly number[]): void => act();
