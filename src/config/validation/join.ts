import { messageOf } from '../../errors.ts';
import { parseGoUrl } from '../../lib/go/url.ts';
import { splitHostPort } from '../../lib/host-port.ts';
import type { Finding } from '../findings/finding.ts';
import type { JoinConfiguration } from '../hub.ts';
import { checkToken, invalid, required } from './values.ts';

type Discovery = JoinConfiguration['discovery'];

const howToDiscover =
  'name an API server, as in `kubeadm join 10.0.0.5:6443 --token …`, or a kubeconfig file with --discovery-file';

/** @param fileMissing whether discovery.file.kubeConfigPath names a file that does not exist */
export function validateDiscovery(discovery: Discovery, fileMissing: boolean): readonly Finding[] {
  const { bootstrapToken, file, tlsBootstrapToken } = discovery;
  const tlsPath = 'discovery.tlsBootstrapToken';
  return [
    ...(bootstrapToken === undefined && file === undefined
      ? [{ ...invalid('discovery', '', 'bootstrapToken or file must be set'), hint: howToDiscover }]
      : []),
    ...(bootstrapToken !== undefined && file !== undefined
      ? [invalid('discovery', '', 'bootstrapToken and file cannot both be set')]
      : []),
    ...(bootstrapToken === undefined
      ? []
      : [...validateTokenDiscovery(bootstrapToken), ...checkToken(tlsBootstrapToken, tlsPath)]),
    ...(file === undefined ? [] : validateFileDiscovery(file.kubeConfigPath, fileMissing)),
    ...(file === undefined || tlsBootstrapToken === '' ? [] : checkToken(tlsBootstrapToken, tlsPath)),
  ];
}

function validateTokenDiscovery(token: NonNullable<Discovery['bootstrapToken']>): readonly Finding[] {
  const { apiServerEndpoint: endpoint } = token;
  const path = 'discovery.bootstrapToken';
  return [
    ...(endpoint === '' ? [required(`${path}.apiServerEndpoint`, 'it is not set')] : []),
    ...(token.caCertHashes.length === 0 && !token.unsafeSkipCAVerification
      ? [
          invalid(
            `${path}.caCertHashes`,
            '',
            'using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
          ),
        ]
      : []),
    ...checkToken(token.token, `${path}.token`),
    ...(splitHostPort(endpoint) === undefined
      ? [invalid(`${path}.apiServerEndpoint`, endpoint, 'must be host:port, an IPv6 address in brackets')]
      : []),
  ];
}

function validateFileDiscovery(location: string, missing: boolean): readonly Finding[] {
  const path = 'discovery.file.kubeConfigPath';
  try {
    const { scheme } = parseGoUrl(location);
    if (scheme === '') {
      return missing ? [invalid(path, location, 'not a valid HTTPS URL or a file on disk')] : [];
    }
    return scheme === 'https' ? [] : [invalid(path, location, 'if a URL is used, the scheme must be https')];
  } catch (error) {
    return [invalid(path, location, `not a valid HTTPS URL or a file on disk: ${messageOf(error)}`)];
  }
}
