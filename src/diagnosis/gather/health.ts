/** The health endpoints of the components on this machine, as their manifests have them. */
import { messageOf } from '../../errors.ts';
import type { ReadHost } from '../../host.ts';
import { kubeletHealthUrl } from '../../kubelet/health.ts';
import { joinHostPort } from '../../lib/host-port.ts';
import { ports } from '../../names.ts';
import type { HealthFacts } from '../facts.ts';
import type { Configured } from './configured.ts';

const timeoutMs = 2_000;

type HealthHost = Pick<ReadHost, 'net'>;

/** A component without a manifest, and a kubelet without a configuration, are not asked. */
export async function gatherHealth(
  host: HealthHost,
  configured: Configured,
): Promise<readonly HealthFacts[]> {
  const urls = [
    kubeletUrl(configured),
    etcdUrl(configured),
    componentUrl(configured, 'kube-apiserver', {
      address: 'advertise-address',
      port: ports.apiServer,
      path: 'livez',
    }),
    componentUrl(configured, 'kube-controller-manager', {
      address: 'bind-address',
      port: ports.controllerManager,
      path: 'healthz',
    }),
    componentUrl(configured, 'kube-scheduler', {
      address: 'bind-address',
      port: ports.scheduler,
      path: 'livez',
    }),
  ];
  return await Promise.all(urls.filter((one) => one !== undefined).map(async (one) => await ask(host, one)));
}

interface Endpoint {
  readonly component: string;
  readonly url: string;
}

function kubeletUrl({ kubelet }: Configured): Endpoint | undefined {
  const url = kubelet === undefined ? undefined : kubeletHealthUrl(kubelet);
  return url === undefined ? undefined : { component: 'kubelet', url };
}

function etcdUrl({ manifests }: Configured): Endpoint | undefined {
  const [metrics] = (manifests.get('etcd')?.flags.get('listen-metrics-urls') ?? '').split(',');
  if (metrics === undefined || !metrics.startsWith('http://')) return undefined;
  return { component: 'etcd', url: `${metrics}/health` };
}

function componentUrl(
  { manifests }: Configured,
  component: string,
  { address, path, port }: { readonly address: string; readonly port: number; readonly path: string },
): Endpoint | undefined {
  const manifest = manifests.get(component);
  if (manifest === undefined) return undefined;
  const own = manifest.flags.get(address) ?? '';
  const listens = /^(?:|0\.0\.0\.0|::)$/.test(own) ? '127.0.0.1' : own;
  const at = joinHostPort(listens, manifest.flags.get('secure-port') ?? port);
  return { component, url: `https://${at}/${path}` };
}

async function ask({ net }: HealthHost, { component, url }: Endpoint): Promise<HealthFacts> {
  try {
    const verbose = component.startsWith('kube-') ? `${url}?verbose` : url;
    const { body, status } = await net.get(verbose, { timeoutMs, ca: false });
    // Without anonymous access the component still answers, so it is not called unhealthy.
    const isHealthy = (status === 200 && !/"health":"false"/.test(body)) || status === 401 || status === 403;
    return { component, url, isHealthy, answers: true, answer: `status ${status}${failedChecks(body)}` };
  } catch (error) {
    const isSilent = (await net.tryConnection(url, timeoutMs)) === 'silent';
    return { component, url, isHealthy: false, answers: false, answer: messageOf(error), isSilent };
  }
}

/** The checks that a component of Kubernetes reports as failed, or the reason of etcd. */
function failedChecks(body: string): string {
  const failed = [...body.matchAll(/^\[-\](\S+)/gm)].map(([, name]) => name);
  if (failed.length > 0) return ` (${failed.join(', ')} failed)`;
  const reason = /"reason":"([^"]+)"/.exec(body)?.[1];
  return reason === undefined || reason === '' ? '' : ` (${reason})`;
}
