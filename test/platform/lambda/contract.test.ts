/** The contract suite of a peer behind the emulated API Gateway, with the AWS SDK calling back. */
import { afterAll, beforeAll, describe } from 'vitest';
import { type LambdaHandler, LambdaWebSocket } from '../../../src/platform/lambda/index.ts';
import { type ContractHarness, peerContract } from '../contract.ts';
import { type Answer, contractAnswers, plain } from '../contract-handlers.ts';
import { createRecords } from '../records.ts';
import { connectRemote } from '../remote.ts';
import { lambdaGaps } from './contract-gaps.ts';
import { Gateway } from './gateway.ts';
import { invocationContext } from './invocation.ts';

describe('Peer behind API Gateway', () => {
  const { report, onError, reading } = createRecords();
  const answers = contractAnswers(report);
  const named = new Map<string, Answer>([...Object.entries(answers), ['tells', answers.echo]]);
  /** What an application would keep in a table. */
  const handlers = new Map<string, string>();
  let gateway: Gateway;
  let handler: LambdaHandler;

  beforeAll(async () => {
    gateway = await Gateway.start((event) => handler(event, invocationContext()));
    handler = LambdaWebSocket.handle(
      {
        connect(ws) {
          const name = ws.event.query.get('handler') ?? '';
          if (!named.has(name)) return ws.event.reject(404);
          handlers.set(ws.connectionId, name);
          return ws.event.accept();
        },
        message: (ws) => named.get(handlers.get(ws.connectionId) ?? '')?.(ws, ws.event.message),
        disconnect(ws) {
          if (handlers.get(ws.connectionId) === 'tells' && ws.closure) report('tells', plain(ws.closure));
          handlers.delete(ws.connectionId);
        },
      },
      {
        endpoint: gateway.endpoint,
        region: 'eu-central-1',
        clientConfig: { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } },
        subprotocols: ['v2', 'v1'],
        onError,
      },
    );
  });
  afterAll(() => gateway.stop());

  const harness: ContractHarness = {
    ...reading,
    open: (name, subprotocols) => connectRemote(`${gateway.url}?handler=${name}`, subprotocols),
  };

  peerContract(() => harness, lambdaGaps);
});
