/** Error types of the codec: names, literal codes, fields and causes. */
import { describe, expect, it } from 'vitest';
import { LimitError, ProtocolError, WebSocketError } from '../../src/frame/errors.ts';

describe('ProtocolError', () => {
  it('says which rule, which section and which close code', () => {
    const error = new ProtocolError('closeReasonUtf8');
    expect(error).toBeInstanceOf(WebSocketError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('ProtocolError');
    expect(error.code).toBe('ERR_WS_PROTOCOL');
    expect(error.violation).toBe('closeReasonUtf8');
    expect(error.closeCode).toBe(1007);
    expect(error.rfc).toBe('RFC 6455 §8.1');
    expect(error.message).toBe('the close reason is not UTF-8 (RFC 6455 §8.1)');
    expect(error.cause).toBeUndefined();
  });

  it('keeps its cause', () => {
    const cause = new LimitError({ limit: 'maxFrameSize', max: 1, actual: 2 });
    expect(new ProtocolError('frameTooBig', { cause }).cause).toBe(cause);
  });
});

describe('LimitError', () => {
  it('says which limit, what it allows and what was met', () => {
    const error = new LimitError({ limit: 'maxMessageSize', max: 1_024, actual: 1_025 });
    expect(error).toBeInstanceOf(WebSocketError);
    expect(error.name).toBe('LimitError');
    expect(error.code).toBe('ERR_WS_LIMIT');
    expect(error).toMatchObject({ limit: 'maxMessageSize', max: 1_024, actual: 1_025 });
    expect(error.message).toBe('maxMessageSize allows 1024, this is 1025');
  });

  it('keeps its cause', () => {
    const cause = new Error('why');
    expect(new LimitError({ limit: 'x', max: 0, actual: 1 }, { cause }).cause).toBe(cause);
  });
});

describe('WebSocketError', () => {
  it('takes its name from the type at hand, and shows it in the stack', () => {
    class OtherError extends WebSocketError {
      readonly code = 'ERR_OTHER';
    }
    expect(new OtherError('what').name).toBe('OtherError');
    expect(String(new OtherError('what'))).toBe('OtherError: what');
  });
});
