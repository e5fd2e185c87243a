import type { TimelinePhase, TimelineWait } from '../../events/run.ts';
import type { KubeadmEvent, RecordedEvent } from '../../events.ts';

export type Timeline = Extract<KubeadmEvent, { type: 'timeline' }>;

/**
 * Returns the times and the waits of each phase, from the events of a run. Phases and waits that did not end last until
 * `at`. The list includes phases that ran and did nothing.
 *
 * @param at the end, in milliseconds since the start of the run
 */
export function timelineOf(events: readonly RecordedEvent[], at: number): Timeline {
  const first = events.find(({ event }) => event.type === 'run-started')?.event;
  const phases = phasesOf(events, at);
  return {
    type: 'timeline',
    command: first?.type === 'run-started' ? first.command : '',
    milliseconds: rounded(at),
    phases: phases.map((own) => ({
      ...own,
      overlaps: phases.filter((other) => other !== own && overlap(own, other)).map(({ phase }) => phase),
    })),
    waits: waitsOf(events, at),
  };
}

type Interval = Pick<TimelinePhase, 'start' | 'milliseconds'>;

/** Whether two phases ran at the same time. A phase that starts when the other one ends does not overlap with it. */
function overlap(a: Interval, b: Interval): boolean {
  return a.start < b.start + b.milliseconds && b.start < a.start + a.milliseconds;
}

const outcomes = {
  'phase-finished': 'finished',
  'phase-failed': 'failed',
  'phase-stopped': 'stopped',
} as const;

function phasesOf(events: readonly RecordedEvent[], end: number): readonly Omit<TimelinePhase, 'overlaps'>[] {
  const open = new Map<string, number>();
  const phases: Omit<TimelinePhase, 'overlaps'>[] = [];
  for (const { at, event } of events) {
    if (event.type === 'phase-started') open.set(event.phase, at);
    if (event.type !== 'phase-finished' && event.type !== 'phase-failed' && event.type !== 'phase-stopped')
      continue;
    const outcome = outcomes[event.type];
    phases.push({ phase: event.phase, ...interval(open.get(event.phase) ?? at, at), outcome });
    open.delete(event.phase);
  }
  for (const [phase, start] of open) phases.push({ phase, ...interval(start, end), outcome: 'running' });
  return phases.sort((a, b) => a.start - b.start);
}

function waitsOf(events: readonly RecordedEvent[], end: number): readonly TimelineWait[] {
  const open = new Map<string, { readonly phase: string; readonly for: string; readonly at: number }>();
  const waits: TimelineWait[] = [];
  const close = (key: string, at: number): void => {
    const wait = open.get(key);
    if (wait !== undefined) waits.push({ phase: wait.phase, for: wait.for, ...interval(wait.at, at) });
    open.delete(key);
  };
  for (const { at, event, phase = '' } of events) {
    const found = waitOf(event);
    if (found !== undefined) {
      const key = `${phase} ${found.for}`;
      if (found.ends) close(key, at);
      else open.set(key, { phase, for: found.for, at });
    }
    if (event.type === 'phase-failed' || event.type === 'phase-stopped' || event.type === 'phase-finished') {
      for (const [key, wait] of open) if (wait.phase === event.phase) close(key, at);
    }
  }
  for (const key of [...open.keys()]) close(key, end);
  return waits.sort((a, b) => a.start - b.start);
}

/** Returns the wait that begins or ends with this event, or undefined for other events. */
export function waitOf(event: KubeadmEvent): { readonly for: string; readonly ends: boolean } | undefined {
  switch (event.type) {
    case 'waiting':
    case 'waited':
      return { for: event.for, ends: event.type === 'waited' };
    case 'component-checking':
      return { for: event.component, ends: false };
    case 'component-healthy':
    case 'component-unhealthy':
      return { for: event.component, ends: true };
    case 'image-pulling':
      return { for: `image ${event.image}`, ends: false };
    case 'image-pulled':
    case 'image-failed':
      return { for: `image ${event.image}`, ends: true };
    default:
      return undefined;
  }
}

function interval(start: number, end: number): Interval {
  return { start: rounded(start), milliseconds: rounded(end - start) };
}

/** Rounds to microseconds. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
