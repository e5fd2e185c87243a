import type { ClientContext } from '../../cluster/client.ts';
import { messageOf } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { loadKubeconfig } from '../../kubeconfig/load.ts';
import { registeredName } from '../../kubelet/environment.ts';
import { recordOnDisk } from '../../run-record/unfinished.ts';
import { warnOfLeftObjects } from '../../tls-bootstrap/left-in-cluster.ts';
import type { JoinInput } from './input.ts';
import type { JoinScope } from './scope.ts';

/** The phases after the start of the kubelet, which makes objects in the cluster. */
const mayLeaveObjects: ReadonlySet<string> = new Set([
  'etcd-join',
  'kubelet-wait-bootstrap',
  'control-plane-join/mark-control-plane',
  'wait-control-plane',
]);

/** A cluster that does not answer must not hold up the end of a failed run. */
const timeoutMs = 2_000;

/** Warns of the objects that a failed join leaves in the cluster. It never throws. */
export async function reportLeft(
  host: Host,
  { join, paths }: JoinInput,
  {
    failedPhase,
    scope,
    ...context
  }: ClientContext & { readonly failedPhase: string; readonly scope: JoinScope },
): Promise<void> {
  if (!mayLeaveObjects.has(failedPhase)) return;
  try {
    const isControlPlane = join.controlPlane !== undefined;
    const record = await recordOnDisk(host, () => undefined);
    const mayBeMember = record?.command === 'join' && record.etcdMember !== undefined;
    // The end of a failed phase can have closed the client that the phases share.
    const client = host.kube(
      isControlPlane ? await loadKubeconfig(host, paths.kubeconfig) : await scope.discovered(context),
      { timeoutMs },
    );
    try {
      const nodeName = await registeredName(host, join.nodeRegistration);
      await warnOfLeftObjects(client, { ...context, nodeName, mayBeMember });
    } finally {
      client.close();
    }
  } catch (error) {
    const message = `cannot ask for the objects of this machine: ${messageOf(error)}`;
    context.emit({ type: 'detail', verbosity: 1, topic: 'join', message });
  }
}
