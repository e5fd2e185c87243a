/** The pages about joins and about many workers at once. */
import type { JoinDetails } from './join.ts';
import { controlPlaneStretches, workerStretches } from './phases.ts';
import { type Circumstances, figureTable, pageHead, phaseTable } from './report.ts';
import type { Figure } from './series.ts';

export interface JoinResults {
  readonly figures: readonly Figure[];
  readonly details: JoinDetails;
}

/** The text of docs/benchmarks-join.md. */
export function joinPage(at: Circumstances, { details, figures }: JoinResults): string {
  return `${pageHead('Benchmarks of join', at, 'tools/bench.ts --joins')}
${figureTable([...figures, ...details.requests])}

- Each run makes one cluster behind a balancer, and each command is given as soon as the one before it has ended: \`init\`, a
  worker, the second and the third control plane, and a worker again. All nodes have the Pod network from the start.
- The control planes join with uploaded certificates. The cluster comes to rest before the third one is reset.
- Times are taken inside of the node, from the start of the process to its end. Processor time includes the programs that
  kubeadm runs and waits for.
- Requests are those in the audit logs of all API servers from the user agent of kubeadm, in ${details.worker.ours.length} other pairs.

## Where the time of \`join\` goes

![When each phase of both ran](timeline-join.svg)

The picture shows the middle run of each side. The tables have medians of the pairs with the audit logs, in seconds since the
start of the process. Our phases begin and end with their events, and they overlap. Upstream's (with \`-v 1\`) begin at the first
line that each phase writes.

${phaseTable('join', controlPlaneStretches, details.controlPlane)}

This is the second control plane. The next table is a worker that joins right after \`init\`.

${phaseTable('join', workerStretches, details.worker)}

- The discovery is a part of \`preflight\`. Upstream's asks for the signature of cluster-info again every 5 s, which ours notices
  within 100 ms.
- A control plane of ours starts its kubelet while its certificates are made, and its static Pods begin while the other phases
  run. Upstream's starts the kubelet after all files exist.
- In \`etcd-join\`, the new member starts, catches up and begins to vote. Upstream's asks every 500 ms whether it has started and
  may vote.
- In \`kubelet-wait-bootstrap\`, the kubelet of a control plane gets its certificate from the API server of its own machine, which
  starts meanwhile. No kubeadm can make that faster. Upstream's looks for the certificate every second.

## Repeat it

\`\`\`
node_modules/.bin/node tools/bench.ts --joins --pairs 9
\`\`\`
`;
}

/** The text of docs/benchmarks-scale.md. */
export function scalePage(at: Circumstances, figures: readonly Figure[]): string {
  return `${pageHead('Benchmarks of many workers at once', at, 'tools/bench.ts --scale')}
${figureTable(figures)}

- A machine cannot run fifty kubelets. So the kubelet of each worker is a **stand-in**: a script that gets the client certificate
  from the API server with openssl and curl, as a kubelet does, and writes \`kubelet.conf\`. There is no Node, and no container
  starts. The API server, etcd and the controller manager are real.
- All workers run on one bare host of the lab, each with its own host name, processes and folders, and start at once. "All"
  lasts from the first start to the end of the last join.
- Processor time is that of one join with the programs that it runs, except the stand-in. With 50 workers, all of them share the
  processors with each other and with the control plane. So the time of all is at least 50 times the processor time of one
  join, divided by the number of processors.
- Requests are those in the audit log from the user agent of kubeadm. "Refused" are those with status 429.
`;
}
