/**
 * `HTTP/` DIGIT `.` DIGIT, byte by byte, as it stands in both kinds of start line.
 *
 * One rule: the name is case-sensitive and each number has one digit (RFC 9112 §2.3).
 */

/** A space stands for any digit. */
const PATTERN = Array.from('HTTP/ . ', (character) => character.charCodeAt(0));
const ANY_DIGIT = 0x20;

export function isDigitCode(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export class VersionPattern {
  #length = 0;

  /** Takes the next byte; false when the version cannot have it there. */
  accepts(byte: number): boolean {
    const expected = PATTERN[this.#length++];
    return expected === ANY_DIGIT ? isDigitCode(byte) : expected === byte;
  }

  isComplete(): boolean {
    return this.#length === PATTERN.length;
  }
}
