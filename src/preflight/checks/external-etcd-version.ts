import type { ExternalEtcd } from '../../config/hub.ts';
import { messageOf } from '../../errors.ts';
import type { HttpOptions } from '../../host.ts';
import { compareSemanticVersions, parseSemanticVersion } from '../../lib/semantic-version.ts';
import { type Check, type CheckHost, fail } from '../check.ts';

const requestTimeoutMs = 10_000;
const retries = 3;
const retryIntervalMs = 5_000;

/**
 * An error for each HTTP endpoint of an external etcd that does not answer with a version that this kubeadm supports: as
 * upstream, one endpoint that does not answer fails the check although others do. Endpoints are asked side by side.
 * `minimum` is a semantic version. Source: preflight/checks.go ExternalEtcdVersionCheck.
 */
export function externalEtcdVersion(etcd: ExternalEtcd, minimum: string): Check {
  return {
    name: 'ExternalEtcdVersion',
    check: async (host) => {
      if (etcd.httpEndpoints.length === 0) return fail();
      let tls: Pick<HttpOptions, 'ca' | 'clientCertificate'>;
      try {
        tls = await readTls(host, etcd);
      } catch (error) {
        return fail(messageOf(error));
      }
      const problems = await Promise.all(
        etcd.httpEndpoints.map((endpoint) =>
          problemOf(host, endpoint, { http: { ...tls, timeoutMs: requestTimeoutMs }, minimum }),
        ),
      );
      return fail(...problems.filter((problem) => problem !== undefined));
    },
  };
}

async function readTls(
  { files }: CheckHost,
  { caFile, certFile, keyFile }: ExternalEtcd,
): Promise<Pick<HttpOptions, 'ca' | 'clientCertificate'>> {
  const pem = async (field: string, path: string, kind: RegExp) => {
    const text = await files.readText(path).catch((error: unknown) => {
      throw new Error(`etcd.external.${field} cannot be read: ${messageOf(error)}`);
    });
    if (kind.test(text)) return text;
    throw new Error(`etcd.external.${field}: no PEM block of the right kind in ${path}`);
  };
  const certificate = /-----BEGIN CERTIFICATE-----/;
  const ca = caFile === '' ? undefined : await pem('caFile', caFile, certificate);
  const paired = certFile !== '' && keyFile !== '';
  const clientCertificate = paired && {
    cert: await pem('certFile', certFile, certificate),
    key: await pem('keyFile', keyFile, /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/),
  };
  return { ...(ca !== undefined && { ca }), ...(clientCertificate && { clientCertificate }) };
}

/** Undefined if the version is supported. */
async function problemOf(
  host: CheckHost,
  endpoint: string,
  { http, minimum }: { readonly http: HttpOptions; readonly minimum: string },
): Promise<string | undefined> {
  if (!URL.canParse(endpoint)) return `the external etcd endpoint "${endpoint}" is not a URL`;
  try {
    const body = await getVersion(host, versionUrl(endpoint), http);
    const etcdserver: unknown = (JSON.parse(body) as { readonly etcdserver?: unknown } | null)?.etcdserver;
    const version = parseSemanticVersion(String(etcdserver ?? ''));
    const oldest = parseSemanticVersion(minimum);
    if (version === undefined) {
      return `the external etcd at ${endpoint} does not tell its version: ${body.slice(0, 200).trim()}`;
    }
    if (oldest === undefined || compareSemanticVersions(version, oldest) >= 0) return undefined;
    return (
      `the external etcd at ${endpoint} has version ${String(etcdserver)}, this kubeadm needs ` +
      `${minimum} or newer: update etcd`
    );
  } catch (error) {
    return `the version of the external etcd at ${endpoint} could not be read: ${messageOf(error)}`;
  }
}

/** Replaces double slashes in the path, which come from an endpoint that ends with a slash. */
function versionUrl(endpoint: string): string {
  const [, origin = '', path = ''] = /^([a-z]+:\/\/[^/]*)(.*)$/i.exec(`${endpoint}/version`) ?? [];
  return origin + path.replaceAll('//', '/');
}

async function getVersion({ net, clock }: CheckHost, url: string, options: HttpOptions): Promise<string> {
  for (let left = retries; ; left--) {
    try {
      const { status, body } = await net.get(url, { ...options, useProxy: true });
      if (status < 500 || status > 599) return body;
      throw new Error(`the server answered with HTTP status ${status}`);
    } catch (error) {
      if (left === 0) throw error;
      await clock.sleep(retryIntervalMs);
    }
  }
}
