/**
 * The platform's own shapes: what API Gateway hands to a function, and what it expects back.
 *
 * The rule of this file: structural types only, a subset that both `@types/aws-lambda` and the real events satisfy,
 * so that neither package is needed to use ours. Fields that come but are in no published type (`headers` on
 * CONNECT, `identity`, `authorizer`, `disconnectStatusCode`, `disconnectReason`) are optional here.
 */

/** `requestContext` of a WebSocket API's event. */
export interface GatewayRequestContext {
  readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  readonly routeKey: string;
  readonly connectionId: string;
  readonly apiId: string;
  readonly stage: string;
  readonly domainName: string;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly requestId: string;
  readonly messageId?: string | null | undefined;
  /** What an authorizer of the $connect route returned; comes with every event of the connection. */
  readonly authorizer?: Readonly<Record<string, unknown>> | null | undefined;
  readonly identity?: {
    readonly sourceIp?: string | null | undefined;
    readonly userAgent?: string | null | undefined;
  };
  readonly disconnectStatusCode?: number | null | undefined;
  readonly disconnectReason?: string | null | undefined;
}

/** The event of a WebSocket API with a Lambda proxy integration. */
export interface GatewayEvent {
  readonly requestContext: GatewayRequestContext;
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | null | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, string[] | undefined>> | null | undefined;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null | undefined;
  readonly multiValueQueryStringParameters?:
    | Readonly<Record<string, string[] | undefined>>
    | null
    | undefined;
  readonly stageVariables?: Readonly<Record<string, string | undefined>> | null | undefined;
}

/** The answer of a proxy integration; API Gateway reads its status and headers on the $connect route. */
export interface GatewayResponse {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string;
}

/** The context of one invocation, as Lambda's Node.js runtime gives it. */
export interface LambdaContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  callbackWaitsForEmptyEventLoop: boolean;
  /** Milliseconds until Lambda stops the invocation. */
  getRemainingTimeInMillis(): number;
}
