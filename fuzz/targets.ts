/** All targets there are. The rule of this file: a name here is what `--target` takes and what regressions say. */
import { connectionTarget } from './connection/connection-target.ts';
import { deflateTarget } from './deflate-target.ts';
import { closeTarget } from './frame/close-target.ts';
import { frameTarget } from './frame/frame-target.ts';
import { extensionsTarget } from './handshake/extensions-target.ts';
import { requestHeadTarget, responseHeadTarget } from './handshake/head-targets.ts';
import { openingTarget } from './handshake/opening-target.ts';
import { subprotocolsTarget } from './handshake/subprotocols-target.ts';
import { inflateTarget } from './inflate-target.ts';
import { modelTarget } from './model/model-target.ts';
import { wsTarget } from './peer/ws-target.ts';
import type { FuzzTarget } from './target.ts';

export const targets: readonly FuzzTarget[] = [
  frameTarget,
  closeTarget,
  requestHeadTarget,
  responseHeadTarget,
  extensionsTarget,
  subprotocolsTarget,
  openingTarget,
  inflateTarget,
  deflateTarget,
  connectionTarget,
  wsTarget,
  modelTarget,
];
