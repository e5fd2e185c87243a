import type { JoinPhase } from './input.ts';

/** Reports that the node has joined, as the last phase of the whole command. */
export const reportJoined: JoinPhase = {
  name: 'report-joined',
  short: 'Report that the node has joined',
  hidden: true,
  shownAs: 'wait-control-plane',
  run: async ({ join, paths }, _host, context) => {
    const controlPlane = join.controlPlane !== undefined;
    const etcd = controlPlane ? (await context.scope.cluster(context)).cluster.etcd : undefined;
    context.emit({
      type: 'node-joined',
      node: join.nodeRegistration.name,
      controlPlane,
      etcdMember: etcd !== undefined && etcd.external === undefined,
      ...(controlPlane ? { kubeconfig: paths.kubeconfig } : {}),
    });
  },
};
