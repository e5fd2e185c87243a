/** The static Pods of a control plane. Source: app/phases/controlplane/manifests.go, app/phases/etcd/local.go. */
import type { ClusterConfiguration, LocalEtcd } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { type ControlPlaneComponent, controlPlanePods } from '../manifests/control-plane.ts';
import { etcdPod, type InitialMember } from '../manifests/etcd.ts';
import { authorizationModeFindings } from '../manifests/kube-apiserver.ts';
import { manifestsDir } from '../names.ts';
import { installStaticPod, type StaticPodOptions } from './static-pod.ts';

/** Writes the manifest of a component. Warns of unusual authorization modes of the API server. */
export async function installComponent(
  component: ControlPlaneComponent,
  host: Pick<Host, 'files'>,
  options: StaticPodOptions,
): Promise<void> {
  const { emit, input } = options;
  const pod = controlPlanePods[component](input);
  if (component === 'kube-apiserver') warnOfAuthorizationMode(input.cluster, emit);
  await installStaticPod(pod, host, options);
  emit({ type: 'manifest-written', component, directory: manifestsDir });
}

function warnOfAuthorizationMode(cluster: ClusterConfiguration, emit: Emit): void {
  const { unknown, unusual } = authorizationModeFindings(cluster);
  for (const mode of unknown) {
    const message = `kube-apiserver knows no authorization-mode "${mode}"`;
    emit({ type: 'warning', code: 'authorization-mode-unknown', message });
  }
  if (unusual !== undefined) {
    const message = `the default kube-apiserver authorization-mode is "Node,RBAC"; using "${unusual}"`;
    emit({ type: 'warning', code: 'authorization-mode-unusual', message });
  }
}

/**
 * Writes the manifest of etcd, after the folder of its data exists.
 *
 * @param etcd.members all members of the cluster that it joins, with itself; empty for a new cluster
 */
export async function installEtcd(
  etcd: { readonly local: LocalEtcd; readonly members: readonly InitialMember[] },
  host: Pick<Host, 'files'>,
  options: StaticPodOptions,
): Promise<void> {
  const { emit, input } = options;
  const { local, members } = etcd;
  await host.files.makeDirectory(local.dataDir, 0o700);
  await installStaticPod(etcdPod(input, local, members), host, options);
  emit({ type: 'manifest-written', component: 'etcd', directory: manifestsDir });
}
