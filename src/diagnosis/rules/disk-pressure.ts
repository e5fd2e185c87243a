import type { Facts } from '../facts.ts';
import type { Rule } from '../finding.ts';
import { diskFull } from './machine.ts';

/** The reason that the kubelet gives, as opposed to a condition that is not known. */
export const diskPressureReason = 'KubeletHasDiskPressure';
/** The resources of the disk that the eviction manager names. The others are memory and process IDs. */
const resources: readonly string[] = ['ephemeral-storage', 'inodes'];
const directories = '/var/lib/kubelet /var/lib/containerd /var/log';

export const diskPressure: Rule = {
  name: 'disk-pressure',
  title: 'The node has too little free disk',
  // Disk pressure does not end critical Pods.
  explainsSymptoms: false,
  proof:
    'The Node has the condition DiskPressure. If the Node cannot be read, the journal of the kubelet reports that it must evict Pods because too little disk is free. No file system is full, which is another cause.',
  cure: 'Free space on the file systems of the kubelet, the images and the logs, or make them larger.',
  find: (facts) => {
    const seen = pressureOf(facts);
    if (seen === undefined || diskFull.find(facts).length > 0) return [];
    const { isInodes, since } = seen;
    return [
      {
        code: 'kubelet-failed',
        component: 'disk',
        certainty: 'likely',
        summary: `the kubelet reports disk pressure${isInodes ? ' (too few free inodes)' : ''}, so it evicts Pods, deletes images that no container uses, and takes no new Pods`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: `Free space on the file systems of ${directories.replaceAll(' /', ', /')}, or make them larger (by default the kubelet needs 10 % of the space, 15 % for images, and 5 % of the inodes)`,
          commands: [`df ${isInodes ? '-i' : '-h'} ${directories}`],
        },
        ...(since === undefined ? {} : { since }),
      },
    ];
  },
};

interface Pressure {
  readonly isInodes: boolean;
  readonly since?: number;
}

/** The condition counts, and the journal only without it: the pressure of an earlier line can be over. */
function pressureOf({ machine, nodeFailures = [] }: Facts): Pressure | undefined {
  const last = nodeFailures.findLast(
    ({ kind, message }) => kind === 'disk-pressure' && resources.includes(message),
  );
  const isInodes = last?.message === 'inodes';
  if (machine?.node?.exists !== true) return last === undefined ? undefined : { isInodes };
  const condition = machine.node.problems.find(({ reason }) => reason === diskPressureReason);
  if (condition === undefined) return undefined;
  return { isInodes, ...(condition.since === undefined ? {} : { since: condition.since }) };
}
