/** Renews the certificates of a component that is upgraded. Source: phases/upgrade/staticpods.go, renewCertsByComponent. */
import type { ClusterConfiguration } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { renewableCertificates } from '../kubeconfig/renew.ts';
import { joinPath } from '../lib/join-path.ts';
import { adminConf, controllerManagerConf, kubernetesDir, schedulerConf, superAdminConf } from '../names.ts';
import { renewCertificate } from '../pki/renew.ts';
import type { StaticPodName } from '../releases/release.ts';

/** The names of `kubeadm certs renew`, by component. With an external etcd, the certificate for its client is not kubeadm's. */
export const certificatesOf: Readonly<Record<StaticPodName, readonly string[]>> = {
  etcd: ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client'],
  'kube-apiserver': ['apiserver', 'apiserver-kubelet-client', 'front-proxy-client', 'apiserver-etcd-client'],
  'kube-controller-manager': [controllerManagerConf],
  'kube-scheduler': [schedulerConf],
};

export interface Renewal {
  readonly cluster: ClusterConfiguration;
  /** The begin of the new certificates' validity period. */
  readonly startTime: Date;
  readonly emit: Emit;
}

/** @throws the errors of `renewCertificate` */
export async function renewForComponent(
  host: Host,
  component: StaticPodName,
  renewal: Renewal,
): Promise<void> {
  await renewNamed(host, certificatesOf[component], renewal);
}

/** Renews the client certificates of the administrators. super-admin.conf exists only on the first control plane. */
export async function renewForAdministrators(host: Host, renewal: Renewal): Promise<void> {
  const hasSuperAdmin = (await host.files.stat(joinPath(kubernetesDir, superAdminConf))) !== undefined;
  await renewNamed(host, [adminConf, ...(hasSuperAdmin ? [superAdminConf] : [])], renewal);
}

async function renewNamed(
  host: Host,
  names: readonly string[],
  { cluster, emit, startTime }: Renewal,
): Promise<void> {
  for (const renewable of renewableCertificates.filter(({ name }) => names.includes(name))) {
    const result = await renewCertificate(host, { cluster, startTime }, renewable, emit);
    const { name } = renewable;
    if (result === 'renewed') emit({ type: 'certificate-renewed', name });
    if (result === 'external') emit({ type: 'certificate-not-renewed', name, reason: result });
  }
}
