import { describe, expect, it } from 'vitest';
import { formatCommonResponse, formatOpeningResponse } from '../../src/handshake/index.ts';

describe('the plain 101', () => {
  it.each(['s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=', '++//++//++//++//++//++//++8='])(
    'is what the general form writes: %s',
    (accept) => {
      expect(formatCommonResponse(accept)).toBe(formatOpeningResponse({ accept }));
    },
  );
});
