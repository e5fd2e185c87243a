/** The times of each phase of an `init`, from our events and from the lines of upstream's output. */
import { recordedEvent } from '../../src/cli/render/json.ts';
import type { PictureRun } from '../../src/cli/render/timeline-svg.ts';
import type { Measured, TimedLine } from './measure.ts';

/** The rows of the table in the order of a run. Both ours and upstream's can be divided into them. */
export const stretches = [
  'start and configuration',
  'preflight',
  'certs',
  'kubeconfig',
  'etcd, control-plane',
  'kubelet-start',
  'wait-control-plane',
  'upload-config, upload-certs, mark-control-plane',
  'bootstrap-token',
  'kubelet-finalize, addon',
  'show-join-command',
] as const;

export type Stretch = (typeof stretches)[number];

/** The seconds since the start of the process. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export interface PhaseRun {
  /** The whole run, from the start of the process to its end. */
  readonly seconds: number;
  readonly stretches: Readonly<Partial<Record<Stretch, Interval>>>;
}

const first: Stretch = 'start and configuration';

/** @throws Error if the events end without a timeline */
export function ourPhases(events: string, { seconds }: Pick<Measured, 'seconds'>): PhaseRun {
  const timeline = events
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => recordedEvent(line).event)
    .findLast((event) => event.type === 'timeline');
  if (timeline === undefined) throw new Error('the events hold no timeline');
  // The clock of the events begins after the start of the program.
  const start = Math.max(0, seconds - timeline.milliseconds / 1000);
  const result: Partial<Record<Stretch, Interval>> = {};
  for (const phase of timeline.phases) {
    const name = phase.phase.split('/')[0] ?? '';
    const stretch = stretches.find((known) => known.split(', ').includes(name));
    // Upstream keeps no record of the run.
    if (stretch === undefined) continue;
    const from = start + phase.start / 1000;
    const to = from + phase.milliseconds / 1000;
    const known = result[stretch];
    result[stretch] = { from: Math.min(from, known?.from ?? from), to: Math.max(to, known?.to ?? to) };
  }
  const begins = Object.values(result).map(({ from }) => from);
  result[first] = { from: 0, to: Math.min(...begins) };
  return { seconds, stretches: result };
}

/**
 * The first line of each stretch of upstream's output. klog's lines (`I1124 …] text`) are used if a phase writes nothing
 * to stdout before its first work.
 */
const upstreamStarts: readonly (readonly [Stretch, RegExp])[] = [
  ['preflight', /^\[init\] Using Kubernetes version/],
  ['certs', /^\[certs\] |\] creating a new certificate authority/],
  ['kubeconfig', /^\[kubeconfig\] /],
  ['etcd, control-plane', /^\[(?:etcd|control-plane)\] /],
  ['kubelet-start', /^\[kubelet-start\] |\] Stopping the kubelet/],
  ['wait-control-plane', /^\[wait-control-plane\] |\] ensuring that the ClusterRoleBinding/],
  ['upload-config, upload-certs, mark-control-plane', /^\[upload-config\] |\] \[upload-config\] /],
  ['bootstrap-token', /^\[bootstrap-token\] /],
  ['kubelet-finalize, addon', /^\[kubelet-finalize\] |\] \[kubelet-finalize\] /],
  ['show-join-command', /^Your Kubernetes control-plane has initialized/],
];

/** A stretch of upstream's run lasts from its first line to the first line of the next one. */
export function upstreamPhases({ lines, seconds }: Pick<Measured, 'lines' | 'seconds'>): PhaseRun {
  const result: Partial<Record<Stretch, Interval>> = {};
  let name: Stretch = first;
  let from = 0;
  for (const [next, pattern] of upstreamStarts) {
    const to = arrival(lines, pattern);
    result[name] = { from, to };
    name = next;
    from = to;
  }
  result[name] = { from, to: seconds };
  return { seconds, stretches: result };
}

/** @throws Error if no line matches, because then the wording has changed and the figures would be wrong */
function arrival(lines: readonly TimedLine[], pattern: RegExp): number {
  const line = lines.find(({ text }) => pattern.test(text));
  if (line === undefined) throw new Error(`the output of init has no line ${pattern}`);
  return line.at;
}

/** The data for the picture. */
export function pictureOf(command: string, run: PhaseRun): PictureRun {
  const phases = stretches.flatMap((phase) => {
    const interval = run.stretches[phase];
    if (interval === undefined) return [];
    const start = interval.from * 1000;
    return [
      { phase, start, milliseconds: interval.to * 1000 - start, outcome: 'finished' as const, overlaps: [] },
    ];
  });
  return { command, milliseconds: run.seconds * 1000, phases, waits: [] };
}
