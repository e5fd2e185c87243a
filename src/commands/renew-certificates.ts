import { loadRenewalConfiguration } from '../cluster/renewal-configuration.ts';
import type { ClusterConfiguration } from '../config/hub.ts';
import { KubeadmError, messageOf } from '../errors.ts';
import type { Host } from '../host.ts';
import { renewableCertificates, renewableIn } from '../kubeconfig/renew.ts';
import { suggestions } from '../lib/suggest.ts';
import { beginReport, type RunContext } from '../phases/execute.ts';
import type { AuthorityName } from '../pki/certificates.ts';
import { type RenewableCertificate, type RenewalResult, renewCertificate } from '../pki/renew.ts';
import { renewAndRestart } from '../renewal/renew-and-restart.ts';
import { type OldCertificateInUse, reportOldCertificates } from '../renewal/report-old.ts';
import { runAlone } from '../run-record/running.ts';
import { type CertificateSource, renewalSource } from './certificate-source.ts';

export interface RenewCertificatesRequest extends CertificateSource {
  /** Names such as `apiserver` or `admin.conf`. Defaults to all certificates that the cluster has. */
  readonly names?: readonly string[];
  /**
   * Makes the components of this node use the renewed certificates, one component after the other. A component that reads
   * its certificate only when it starts is restarted, and one that does not work with its new certificate gets the earlier
   * one back. Defaults to false.
   */
  readonly restart?: boolean;
}

export interface RenewCertificatesResult {
  readonly certificates: readonly RenewedCertificate[];
  /** The components of this node that still use a certificate from before the renewal. Empty with `restart`. */
  readonly inUse: readonly OldCertificateInUse[];
}

export interface RenewedCertificate {
  readonly name: string;
  readonly authority: AuthorityName;
  /** `missing` and `external` mean that nothing was changed. The key of an `external` authority is not on this node. */
  readonly outcome: RenewalResult;
}

/**
 * `kubeadm certs renew`: renews certificates of this node, no matter when they expire. An event reports each one as soon as
 * it is renewed. A component that still uses an old certificate afterwards is named in a warning and in the result.
 *
 * @throws KubeadmError `usage` for an unknown name, before anything is changed; `certificate-missing`,
 *   `certificate-invalid`, `kubeconfig-invalid`, `interrupted`; FileError; the errors of `loadInitFamily`; with `restart`,
 *   those of `takeUp`, and `unfinished-run` beside another run
 */
export async function renewCertificates(
  host: Host,
  request: RenewCertificatesRequest = {},
  context: RunContext = {},
): Promise<RenewCertificatesResult> {
  const { emit, signal } = beginReport(host, context);
  const named = request.names?.map(renewableNamed);
  const source = renewalSource(request);
  const cluster = await loadRenewalConfiguration(host, source, { emit, signal, topic: 'renew' });
  const certificates: RenewedCertificate[] = [];
  const renew = async (renewable: RenewableCertificate): Promise<boolean> => {
    const outcome = await renewOne(host, { cluster, renewable, emit });
    certificates.push({ name: renewable.name, authority: renewable.authority, outcome });
    return outcome === 'renewed';
  };
  const renewable = named ?? renewableIn(cluster);
  if (request.restart === true) {
    const { kubeconfig } = source;
    const access = { certificatesDir: cluster.certificatesDir, kubeconfig, emit };
    await runAlone(host, { command: 'certs renew', emit }, () =>
      renewAndRestart(host, { cluster, renewable, access, renew, signal }),
    );
    return { certificates, inUse: [] };
  }
  for (const one of renewable) {
    if (signal.aborted) throw new KubeadmError('interrupted', messageOf(signal.reason));
    await renew(one);
  }
  const renewed = certificates.flatMap(({ name, outcome }) => (outcome === 'renewed' ? [name] : []));
  return { certificates, inUse: await reportOldCertificates(host, { cluster, renewed, emit, signal }) };
}

/** @throws KubeadmError `usage` */
function renewableNamed(name: string): RenewableCertificate {
  const found = renewableCertificates.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = renewableCertificates.map((one) => one.name);
  const close = suggestions(name, known);
  throw new KubeadmError('usage', `no renewable certificate has the name ${JSON.stringify(name)}`, {
    hint: close.length > 0 ? `did you mean ${close.join(' or ')}?` : `known are ${known.join(', ')}`,
  });
}

interface Renewal {
  readonly cluster: ClusterConfiguration;
  readonly renewable: RenewableCertificate;
  readonly emit: ReturnType<typeof beginReport>['emit'];
}

async function renewOne(host: Host, { cluster, emit, renewable }: Renewal): Promise<RenewalResult> {
  const { name } = renewable;
  const outcome = await renewCertificate(host, { cluster, startTime: host.clock.now() }, renewable, emit);
  if (outcome === 'renewed') emit({ type: 'certificate-renewed', name });
  else emit({ type: 'certificate-not-renewed', name, reason: outcome });
  return outcome;
}
