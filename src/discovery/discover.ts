import type { Discovery, Timeouts } from '../config/hub.ts';
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Kubeconfig, KubeconfigCluster } from '../kubeconfig/kubeconfig.ts';
import { redact } from '../lib/redact.ts';
import { authoritiesOf, checkValidity } from './authorities.ts';
import { hasCredentials, withBootstrapToken, withoutCredentials } from './bootstrap-kubeconfig.ts';
import { pinOf } from './ca-pins.ts';
import type { DiscoveryContext, DiscoveryHost } from './context.ts';
import { discoverWithFile } from './file.ts';
import { createServerClock, warnOfClock } from './server-clock.ts';
import { discoverWithToken } from './token.ts';

export interface DiscoveryOptions {
  readonly discovery: Discovery;
  readonly timeouts: Pick<Timeouts, 'discovery'>;
}

/**
 * Finds the API server of the cluster to join, and proves that it is the right one. Nothing is written, and no credentials
 * are sent to a server that is not proved. Source: app/discovery/discovery.go.
 *
 * @returns the kubeconfig for the TLS bootstrap, with one cluster, one context and one user. All files that it names are
 *   embedded.
 * @throws KubeadmError `discovery-failed` with `details.reason`, `timeout` after `timeouts.discovery`, `config-invalid` for
 *   a CA hash, `kubeconfig-invalid`; FileError; the signal's reason
 */
export async function discover(
  host: DiscoveryHost,
  { discovery, timeouts }: DiscoveryOptions,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<Kubeconfig> {
  signal.throwIfAborted();
  const { bootstrapToken, file, tlsBootstrapToken } = discovery;
  const serverClock = createServerClock(host.clock);
  const context: DiscoveryContext = { emit, signal, timeoutMs: timeouts.discovery, serverClock };
  if (file !== undefined) {
    const given = { location: file.kubeConfigPath, tokenGiven: tlsBootstrapToken !== '' };
    const { cluster, user, kubeconfig } = await discoverWithFile(host, given, context);
    showAuthority(host, cluster, context);
    if (tlsBootstrapToken !== '') return withBootstrapToken(cluster, tlsBootstrapToken);
    if (hasCredentials(user)) return kubeconfig;
    throw withoutCredentials(kubeconfig.path ?? 'the kubeconfig');
  }
  if (bootstrapToken === undefined) {
    throw new KubeadmError('config-invalid', 'the configuration has no discovery', {
      place: { path: 'discovery' },
      hint: 'Set discovery.bootstrapToken or discovery.file.',
    });
  }
  const cluster = await discoverWithToken(host, bootstrapToken, context);
  showAuthority(host, cluster, context);
  if (tlsBootstrapToken === '') throw withoutCredentials('discovery with a token');
  return withBootstrapToken(cluster, tlsBootstrapToken);
}

function showAuthority(
  host: DiscoveryHost,
  cluster: KubeconfigCluster,
  { emit, serverClock }: DiscoveryContext,
): void {
  const authorities = authoritiesOf(cluster);
  checkValidity(authorities, host.clock, serverClock);
  warnOfClock(serverClock, redact(cluster.server), emit);
  for (const authority of authorities) {
    const { commonName, serial, notBefore, notAfter } = authority;
    const message = `CA certificate "${commonName}" with serial number ${serial}, valid from ${notBefore.toISOString()} to ${notAfter.toISOString()}, ${pinOf(authority)}`;
    emit({ type: 'detail', verbosity: 1, topic: 'discovery', message });
  }
}
