/** Rules for programs that run and do nothing. */
import type { Rule } from '../finding.ts';
import { activityOf } from '../process-facts.ts';
import { healthOf } from './health.ts';
import { nothingStarted } from './sandbox-failed.ts';

/** A kubelet that starts uses the processor all the time. */
const idleKubeletMs = 8_000;
/** The programs that make containers can wait for systemd. */
const idleStartMs = 20_000;

export const kubeletHangs: Rule = {
  name: 'kubelet-hangs',
  title: 'The kubelet runs, but does nothing',
  proof:
    'Its unit is active, its health endpoint does not answer, and its process is stopped, or has used no processor time for 8 s and started no Pod. This ends the wait only after its bootstrap.',
  cure: 'Correct the program in `ExecStart` of its unit, or restart it.',
  find: (facts) => {
    const { kubelet, machine } = facts;
    const process = kubelet?.process;
    if (process === undefined || kubelet?.state !== 'active') return [];
    if (!process.isStopped && (process.idleMs < idleKubeletMs || !nothingStarted(facts))) return [];
    const url = healthOf(facts, 'kubelet')?.url ?? 'its endpoint';
    const other = /(?:^|\/)kubelet[^/]*$/.test(process.program) ? '' : ', which is not the kubelet,';
    // During its bootstrap, the kubelet waits for an answer of the API server.
    const isCertain = process.isStopped || machine?.kubeletHasCertificate === true;
    return [
      {
        code: 'kubelet-failed',
        component: 'kubelet',
        certainty: isCertain ? 'certain' : 'likely',
        summary: `the kubelet runs, but does not answer at ${url}, because its process ${process.pid} (${process.program})${other} ${activityOf(process)}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Make sure that ExecStart of kubelet.service starts the kubelet, and restart it',
          commands: ['systemctl cat kubelet', 'systemctl restart kubelet'],
        },
        ...(kubelet.unit?.since === undefined ? {} : { since: kubelet.unit.since }),
      },
    ];
  },
};

export const sandboxHangs: Rule = {
  name: 'sandbox-hangs',
  title: 'The program that makes containers hangs',
  proof:
    'There is no Pod, and the processes that the container runtime has started to make one are stopped, or all of them have used no processor time for 20 s.',
  cure: 'Repair the program, which is usually runc.',
  find: (facts) => {
    const { criSocket, runtime, starting } = facts;
    if (starting === undefined || runtime?.error !== undefined || !nothingStarted(facts)) return [];
    if (!starting.isStopped && starting.idleMs < idleStartMs) return [];
    return [
      {
        code: 'sandbox-failed',
        component: 'static Pods',
        certainty: 'certain',
        summary: `no Pod can start: the container runtime at ${criSocket} waits for process ${starting.pid} (${starting.program}), which it started to make a sandbox (usually runc), and which ${activityOf(starting)}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Repair the program that makes containers (check `runc --version` and `journalctl -u containerd`)',
          commands: [`ps -f ${starting.pid}`, 'runc --version', 'journalctl -u containerd'],
        },
      },
    ];
  },
};
