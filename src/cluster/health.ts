/** Checks the health of the control plane components on this machine. */
import type { KubeClient } from '../clients/kube/kube-client.ts';
import { FileError, KubeadmError } from '../errors.ts';
import type { Host } from '../host.ts';
import { type HealthWait, waitForOk, waitForUrl } from '../kubelet/health.ts';
import { joinHostPort } from '../lib/host-port.ts';
import { type Manifest, readManifest } from '../manifests/read-manifest.ts';
import { controlPlaneComponents, manifestPath, ports } from '../names.ts';

export interface ComponentEndpoint {
  readonly name: string;
  readonly url: string;
  /** `/livez` or `/healthz`. */
  readonly path: string;
}

const defaults = {
  'kube-apiserver': { address: 'advertise-address', port: ports.apiServer, path: '/livez' },
  'kube-controller-manager': { address: 'bind-address', port: ports.controllerManager, path: '/healthz' },
  'kube-scheduler': { address: 'bind-address', port: ports.scheduler, path: '/livez' },
} as const;

/** A component of the control plane that has a health endpoint. */
export type ControlPlaneComponentName = keyof typeof defaults;

/**
 * Returns the health endpoint of each component, from its manifest on disk with all patches.
 * Source: util/apiclient/wait.go.
 *
 * @throws KubeadmError or FileError if a manifest is missing or has no container of that component
 */
export async function componentEndpoints(
  host: Pick<Host, 'files'>,
  advertiseAddress: string,
): Promise<readonly ComponentEndpoint[]> {
  return await Promise.all(
    controlPlaneComponents.map((name) => componentEndpoint(host, name, advertiseAddress)),
  );
}

/** Returns the health endpoint of one component, as `componentEndpoints`. */
export async function componentEndpoint(
  host: Pick<Host, 'files'>,
  name: ControlPlaneComponentName,
  advertiseAddress: string,
): Promise<ComponentEndpoint> {
  const flags = await flagsOf(host, name);
  const row = defaults[name];
  const fallback = name === 'kube-apiserver' ? advertiseAddress : '127.0.0.1';
  const address = flags.get(row.address) || fallback;
  const port = flags.get('secure-port') || String(row.port);
  return { name, path: row.path, url: `https://${joinHostPort(address, port)}${row.path}` };
}

async function flagsOf(host: Pick<Host, 'files'>, name: string): Promise<Manifest['flags']> {
  const manifest = await readManifest(host, name);
  const file = manifestPath(name);
  if (manifest === undefined) throw new FileError('read', file, 'ENOENT');
  if (manifest.runsComponent) return manifest.flags;
  throw new KubeadmError('file', `${file}: no container has a command that starts with "${name}"`, {
    place: { file },
  });
}

/** Waits until the component is healthy. The request to the API server uses `client`, which has its CA. */
export async function waitForComponent(
  host: Pick<Host, 'net' | 'clock'>,
  client: KubeClient,
  options: { readonly component: ComponentEndpoint; readonly wait: HealthWait },
): Promise<number> {
  const { component, wait } = options;
  if (component.name !== 'kube-apiserver') return await waitForUrl(host, component.url, wait);
  return await waitForOk(host, { url: component.url, ask: () => client.raw(component.path), wait });
}
