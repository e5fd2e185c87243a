/** How long each phase of an `init -v 1` took, from what it wrote. */
import type { Measured, TimedLine } from './measure.ts';

/** The rows of the table, in the order of a run; what ours and upstream's can both be cut into. */
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
  'the rest',
] as const;

export type Stretch = (typeof stretches)[number];
export type PhaseSeconds = Readonly<Record<Stretch, number>>;

const first: Stretch = 'start and configuration';
const last: Stretch = 'the rest';

const stretchOfPhase: Readonly<Record<string, Stretch>> = {
  preflight: 'preflight',
  certs: 'certs',
  kubeconfig: 'kubeconfig',
  etcd: 'etcd, control-plane',
  'control-plane': 'etcd, control-plane',
  'kubelet-start': 'kubelet-start',
  'wait-control-plane': 'wait-control-plane',
  'upload-config': 'upload-config, upload-certs, mark-control-plane',
  'upload-certs': 'upload-config, upload-certs, mark-control-plane',
  'mark-control-plane': 'upload-config, upload-certs, mark-control-plane',
  'bootstrap-token': 'bootstrap-token',
  'kubelet-finalize': 'kubelet-finalize, addon',
  addon: 'kubelet-finalize, addon',
};

const none = (): Record<Stretch, number> =>
  Object.fromEntries(stretches.map((name) => [name, 0])) as Record<Stretch, number>;

/**
 * Ours says how long each phase took. The time until the first line is start and configuration; what no phase
 * claims, the end of the process with it, is the rest.
 */
export function ourPhases({ lines, seconds }: Measured): PhaseSeconds {
  const result = none();
  result[first] = arrival(lines, /^\[init\] Using Kubernetes version/);
  for (const { text } of lines) {
    const match = /^detail: phase ([a-z-]+)[^ ]* took ([\d.]+)s$/.exec(text);
    if (match !== null) result[stretchOfPhase[match[1] ?? ''] ?? last] += Number(match[2]);
  }
  const claimed = stretches.filter((name) => name !== last).reduce((sum, name) => sum + result[name], 0);
  result[last] = Math.max(0, seconds - claimed);
  return result;
}

/**
 * The first line of each stretch of upstream's output. klog's lines (`I1124 …] text`) come where a phase says
 * nothing on stdout until it has done its first work.
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
  ['the rest', /^Your Kubernetes control-plane has initialized/],
];

/** A stretch of upstream's lasts from its first line to the first line of the next one. */
export function upstreamPhases({ lines, seconds }: Measured): PhaseSeconds {
  const result = none();
  let name: Stretch = first;
  let since = 0;
  for (const [next, pattern] of upstreamStarts) {
    const at = arrival(lines, pattern);
    result[name] = at - since;
    name = next;
    since = at;
  }
  result[name] = seconds - since;
  return result;
}

/** @throws Error when no line matches: the wording has changed, and the figures would be wrong */
function arrival(lines: readonly TimedLine[], pattern: RegExp): number {
  const line = lines.find(({ text }) => pattern.test(text));
  if (line === undefined) throw new Error(`the output of init has no line ${pattern}`);
  return line.at;
}
