import { CriError, messageOf } from '../../errors.ts';
import { type GoUrl, parseGoUrl } from '../../lib/go/url.ts';

/**
 * The path of the socket that an endpoint names: `unix:///run/x.sock`, `unix:/run/x.sock`, or a bare path. Percent
 * escapes are decoded. Source: k8s.io/cri-client pkg/util/util_unix.go.
 *
 * @throws CriError `invalid_argument` if the endpoint is not a unix socket
 */
export function socketPath(endpoint: string): string {
  const { scheme, path } = parse(endpoint);
  if (scheme === 'unix' && path !== '') return path;
  throw invalid(endpoint, scheme === 'unix' ? 'it has no path' : `"${scheme}" sockets are not supported`);
}

function parse(endpoint: string): GoUrl {
  try {
    const url = parseGoUrl(endpoint);
    if (url.scheme !== '') return url;
  } catch {
    // The endpoint may parse as a URL only after a scheme is added, because it is a bare path.
  }
  try {
    return parseGoUrl(`unix://${endpoint}`);
  } catch (error) {
    throw invalid(endpoint, messageOf(error));
  }
}

function invalid(endpoint: string, why: string): CriError {
  return new CriError(
    'invalid_argument',
    `the CRI socket ${JSON.stringify(endpoint)} cannot be used: ${why}`,
    {
      hint: 'A CRI socket is written like unix:///run/containerd/containerd.sock.',
    },
  );
}
