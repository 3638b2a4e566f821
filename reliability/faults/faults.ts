// All faults, in the order in which they are played.
import { blocked } from './blocked.ts';
import { exhausted } from './descriptors.ts';
import { ends, endsWhileWriting } from './ends.ts';
import type { Fault } from './fault.ts';
import { handlers } from './handlers.ts';
import { halfOpen, loss, outage, slow } from './links.ts';
import { killedPeers, pausedPeers, stoppedPeers } from './peers.ts';
import { segments } from './segments.ts';
import { crashed, terminated } from './shutdown.ts';

export const faults: readonly Fault[] = [
  ends,
  endsWhileWriting,
  segments,
  halfOpen,
  outage,
  ...loss,
  ...slow,
  stoppedPeers,
  pausedPeers,
  killedPeers,
  exhausted,
  blocked,
  handlers,
  terminated,
  crashed,
];
