/** The renewable certificates that the components of a control plane use. */
import type { ClusterConfiguration } from '../config/hub.ts';
import type { FileReads } from '../host.ts';
import { renewableCertificates } from '../kubeconfig/renew.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { type Manifest, readManifest } from '../manifests/read-manifest.ts';
import { controllerManagerConf, ports, schedulerConf } from '../names.ts';
import type { StaticPodName } from '../releases/release.ts';

export interface CertificateUse {
  readonly component: StaticPodName;
  /** The name of `kubeadm certs renew`. */
  readonly certificate: string;
  /**
   * `handshake`: the component reads the file for each connection. `change`: it reads the file after a change, at the latest
   * a minute later. `start`: it reads the file only when it starts.
   */
  readonly read: 'handshake' | 'change' | 'start';
  /** The URL of the server that presents the certificate; undefined for a client certificate. */
  readonly url: string | undefined;
  /** The path of the file that the component reads. */
  readonly path: string;
}

interface Row extends Pick<CertificateUse, 'component' | 'certificate' | 'read'> {
  /** The flag of the component that names the file. */
  readonly flag: string;
  readonly serves?: (flags: Manifest['flags']) => string | undefined;
}

/**
 * All uses, in the order in which the components depend on each other. No component uses the certificates of administrators,
 * and only kubeadm uses etcd-healthcheck-client.
 *
 * Measured with Kubernetes 1.36.2 and etcd 3.6.8: `handshake` and client certificates count from the next connection on, and
 * the API server presents its new certificate a second after the change. Kubernetes 1.35 reads them in the same way. Source:
 * client-go transport/cert_rotation.go; apiserver pkg/server/dynamiccertificates; etcd client/pkg/transport/listener.go.
 */
const rows: readonly Row[] = [
  {
    component: 'etcd',
    certificate: 'etcd-server',
    flag: 'cert-file',
    read: 'handshake',
    serves: (flags) => firstHttps(flags.get('listen-client-urls')),
  },
  {
    component: 'etcd',
    certificate: 'etcd-peer',
    flag: 'peer-cert-file',
    read: 'handshake',
    serves: (flags) => firstHttps(flags.get('listen-peer-urls')),
  },
  {
    component: 'kube-apiserver',
    certificate: 'apiserver',
    flag: 'tls-cert-file',
    read: 'change',
    serves: apiServerUrl,
  },
  {
    component: 'kube-apiserver',
    certificate: 'apiserver-etcd-client',
    flag: 'etcd-certfile',
    read: 'handshake',
  },
  {
    component: 'kube-apiserver',
    certificate: 'apiserver-kubelet-client',
    flag: 'kubelet-client-certificate',
    read: 'handshake',
  },
  {
    component: 'kube-apiserver',
    certificate: 'front-proxy-client',
    flag: 'proxy-client-cert-file',
    read: 'change',
  },
  {
    component: 'kube-controller-manager',
    certificate: controllerManagerConf,
    flag: 'kubeconfig',
    read: 'start',
  },
  { component: 'kube-scheduler', certificate: schedulerConf, flag: 'kubeconfig', read: 'start' },
];

/**
 * Returns the uses of this node, by the manifests on the disk. A component whose flag names another file does not use the
 * certificate.
 *
 * @throws FileError
 */
export async function certificateUses(
  host: { readonly files: FileReads },
  cluster: Pick<ClusterConfiguration, 'certificatesDir'>,
): Promise<readonly CertificateUse[]> {
  const names = [...new Set(rows.map(({ component }) => component))];
  const manifests = new Map(
    await Promise.all(names.map(async (name) => [name, await readManifest(host, name)] as const)),
  );
  return rows.flatMap(({ certificate, component, flag, read, serves }) => {
    const flags = manifests.get(component)?.flags;
    const path = renewableCertificates.find(({ name }) => name === certificate)?.path(cluster);
    if (flags === undefined || path === undefined || flags.get(flag) !== path) return [];
    return [{ component, certificate, read, url: serves?.(flags), path }];
  });
}

function apiServerUrl(flags: Manifest['flags']): string | undefined {
  const address = flags.get('advertise-address');
  const port = flags.get('secure-port') ?? String(ports.apiServer);
  return address === undefined ? undefined : `https://${joinHostPort(address, port)}`;
}

function firstHttps(urls: string | undefined): string | undefined {
  return urls?.split(',').find((url) => url.startsWith('https://'));
}
