/** Rules about components that are too slow to become healthy. */
import type { Finding, Rule } from '../finding.ts';
import { isRecent } from '../logs/etcd-line.ts';
import { healthOf } from './health.ts';

/** A component with enough processor time is healthy sooner. */
const patienceMs = 15_000;
/** A component with a smaller limit, in thousandths of a processor, can be slow to start. */
const smallLimit = 200;
export const processorLimit: Rule = {
  name: 'processor-limit',
  title: 'A component has a limit of processor time that is too small',
  proof:
    'It has run for 15 s and is not healthy, and its manifest limits it to less than 200m. This does not end the wait, because the component may become healthy in time.',
  cure: 'Raise or remove `resources.limits.cpu` in the patch.',
  find: (facts) =>
    (facts.components ?? []).flatMap(({ name, runsForMs = 0 }): readonly Finding[] => {
      const limit = facts.machine?.cpuLimits?.[name];
      if (limit === undefined || limit >= smallLimit) return [];
      if (runsForMs < patienceMs || healthOf(facts, name)?.isHealthy !== false) return [];
      return [
        {
          code: 'container-failed',
          component: name,
          certainty: 'likely',
          summary: `${name} is too slow to become healthy, because its manifest limits it to ${limit}m of processor time`,
          evidence: [],
          remedy: {
            kind: 'steps',
            text: `Raise or remove resources.limits.cpu of ${name}`,
            commands: [],
          },
        },
      ];
    }),
};

const slowLines = 5;
/** Older messages are about a time that has passed, such as the start of the machine. */
const recentMs = 120_000;
const slowDisk = /slow fdatasync/;
/** etcd reports requests from 100 ms up, which a busy machine has without a fault. */
const slowRequest = /leader is overloaded|took too long.*"took":"(?:\d+m)?[\d.]+s"/;

export const slowEtcd: Rule = {
  name: 'etcd-slow',
  title: 'etcd is slow',
  isSymptom: true,
  proof:
    'Another component of the control plane is not healthy, and the log of etcd reported at least five times in the last two minutes that its disk takes too long or a request takes a second.',
  cure: 'Give etcd a faster disk, or take load from the machine.',
  find: ({ components = [], machine }) => {
    const log = components.find(({ name }) => name === 'etcd')?.runningLog ?? [];
    const slow = log.filter(
      (line) =>
        (slowDisk.test(line) || slowRequest.test(line)) &&
        isRecent(line, { now: machine?.now ?? 0, withinMs: recentMs }),
    );
    const isNeeded =
      machine?.health.some((one) => !one.isHealthy && one.component.startsWith('kube-')) ?? false;
    if (slow.length < slowLines || !isNeeded) return [];
    const disk = slow.some((line) => slowDisk.test(line));
    return [
      {
        code: 'etcd',
        component: 'etcd',
        certainty: 'likely',
        summary: `etcd is slow, because ${disk ? 'its disk needs too long to write (slow fdatasync)' : 'the machine is busy or its disk is slow (its requests take too long)'}`,
        evidence: slow.slice(-1).map((line) => line.slice(0, 300)),
        remedy: {
          kind: 'steps',
          text: 'Put the data of etcd on a faster disk, or take load from the machine',
          commands: ['iostat -x 1 5'],
        },
      },
    ];
  },
};
