/** The times of each phase of a run, from our events and from the lines of upstream's output. */
import { recordedEvent } from '../../src/cli/render/json.ts';
import type { PictureRun } from '../../src/cli/render/timeline-svg.ts';
import type { Measured, TimedLine } from './measure.ts';

/** A part of a run into which both ours and upstream's can be divided. */
export interface Stretch {
  readonly name: string;
  /** Our phases in it. */
  readonly phases: readonly string[];
  /**
   * The first line of upstream's output in it. klog's lines (`I1124 …] text`) are used if a phase writes nothing to stdout
   * before its first work.
   */
  readonly upstream: RegExp;
}

/** The name of the part of a run before its first phase. */
export const beginning = 'start and configuration';

function stretch(name: string, upstream: RegExp): Stretch {
  return { name, phases: name.split(', '), upstream };
}

export const initStretches: readonly Stretch[] = [
  stretch('preflight', /^\[init\] Using Kubernetes version/),
  stretch('certs', /^\[certs\] |\] creating a new certificate authority/),
  stretch('kubeconfig', /^\[kubeconfig\] /),
  stretch('etcd, control-plane', /^\[(?:etcd|control-plane)\] /),
  stretch('kubelet-start', /^\[kubelet-start\] |\] Stopping the kubelet/),
  stretch('wait-control-plane', /^\[wait-control-plane\] |\] ensuring that the ClusterRoleBinding/),
  stretch('upload-config, upload-certs, mark-control-plane', /^\[upload-config\] |\] \[upload-config\] /),
  stretch('bootstrap-token', /^\[bootstrap-token\] /),
  stretch('kubelet-finalize, addon', /^\[kubelet-finalize\] |\] \[kubelet-finalize\] /),
  stretch('show-join-command', /^Your Kubernetes control-plane has initialized/),
];

/** The discovery is a part of preflight in both. */
export const workerStretches: readonly Stretch[] = [
  stretch('preflight', /^\[preflight\] Running pre-flight checks/),
  stretch('kubelet-start', /^\[kubelet-start\] |\] \[kubelet-start\] |\] Stopping the kubelet/),
  stretch('kubelet-wait-bootstrap', /^\[kubelet-check\] /),
];

export const controlPlaneStretches: readonly Stretch[] = [
  stretch('preflight', /^\[preflight\] Running pre-flight checks/),
  stretch('control-plane-prepare', /^\[(?:download-certs|certs)\] /),
  stretch('check-etcd', /^\[check-etcd\] /),
  stretch('kubelet-start', /^\[kubelet-start\] |\] \[kubelet-start\] |\] Stopping the kubelet/),
  stretch('etcd-join', /^\[etcd\] /),
  stretch('kubelet-wait-bootstrap', /^\[kubelet-check\] /),
  stretch('control-plane-join', /^\[mark-control-plane\] /),
  stretch('wait-control-plane', /^\[(?:control-plane-check|wait-control-plane)\] /),
];

/** The seconds since the start of the process. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export interface PhaseRun {
  /** The whole run, from the start of the process to its end. */
  readonly seconds: number;
  /** By the names of the stretches, and `beginning`. */
  readonly stretches: Readonly<Record<string, Interval>>;
}

/** The runs of both sides. */
export type PhaseRuns = Readonly<Record<'ours' | 'upstream', readonly PhaseRun[]>>;

/** @throws Error if the events end without a timeline */
export function ourPhases(
  events: string,
  { seconds }: Pick<Measured, 'seconds'>,
  stretches: readonly Stretch[],
): PhaseRun {
  const timeline = events
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => recordedEvent(line).event)
    .findLast((event) => event.type === 'timeline');
  if (timeline === undefined) throw new Error('the events hold no timeline');
  // The clock of the events begins after the start of the program.
  const start = Math.max(0, seconds - timeline.milliseconds / 1000);
  const result: Record<string, Interval> = {};
  for (const phase of timeline.phases) {
    const name = phase.phase.split('/')[0] ?? '';
    const found = stretches.find(({ phases }) => phases.includes(name));
    // Upstream keeps no record of the run.
    if (found === undefined) continue;
    const from = start + phase.start / 1000;
    const to = from + phase.milliseconds / 1000;
    const known = result[found.name];
    result[found.name] = { from: Math.min(from, known?.from ?? from), to: Math.max(to, known?.to ?? to) };
  }
  const begins = Object.values(result).map(({ from }) => from);
  result[beginning] = { from: 0, to: Math.min(...begins) };
  return { seconds, stretches: result };
}

/** A stretch of upstream's run lasts from its first line to the first line of the next one. */
export function upstreamPhases(
  { lines, seconds }: Pick<Measured, 'lines' | 'seconds'>,
  stretches: readonly Stretch[],
): PhaseRun {
  const result: Record<string, Interval> = {};
  let name = beginning;
  let from = 0;
  for (const next of stretches) {
    const to = arrival(lines, next.upstream);
    result[name] = { from, to };
    name = next.name;
    from = to;
  }
  result[name] = { from, to: seconds };
  return { seconds, stretches: result };
}

/** @throws Error if no line matches, because then the wording has changed and the figures would be wrong */
function arrival(lines: readonly TimedLine[], pattern: RegExp): number {
  const line = lines.find(({ text }) => pattern.test(text));
  if (line === undefined) throw new Error(`the output has no line ${pattern}`);
  return line.at;
}

/** The data for the picture. */
export function pictureOf(command: string, run: PhaseRun, stretches: readonly Stretch[]): PictureRun {
  const names = [beginning, ...stretches.map(({ name }) => name)];
  const phases = names.flatMap((phase) => {
    const interval = run.stretches[phase];
    if (interval === undefined) return [];
    const start = interval.from * 1000;
    return [
      { phase, start, milliseconds: interval.to * 1000 - start, outcome: 'finished' as const, overlaps: [] },
    ];
  });
  return { command, milliseconds: run.seconds * 1000, phases, waits: [] };
}
