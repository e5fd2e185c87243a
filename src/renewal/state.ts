/** Whether the components of this node use the certificates that are on its disk. */
import { CriError, NetError } from '../errors.ts';
import type { Host } from '../host.ts';
import { runningContainer } from '../kubelet/restart-static-pod.ts';
import { readCertificates } from '../pki/files.ts';
import type { CertificateUse } from './uses.ts';

/** `unknown`: the component does not run, or nothing on this node shows which certificate it uses. */
export type UseState = 'current' | 'old' | 'unknown';

/** Limits one handshake. */
const handshakeTimeoutMs = 5_000;

type StateHost = Pick<Host, 'cri' | 'net' | 'files'>;

/**
 * Asks a server for its certificate and compares it with the file. A component that reads a file only when it starts uses
 * an older certificate if its container started before the file was written.
 *
 * @throws FileError; KubeadmError `certificate-invalid`
 */
export async function stateOf(
  host: StateHost,
  use: CertificateUse,
  { criSocket, signal }: { readonly criSocket: string; readonly signal?: AbortSignal },
): Promise<UseState> {
  if (use.url !== undefined) return await stateOfServer(host, { path: use.path, url: use.url }, signal);
  return use.read === 'start' ? await stateOfContainer(host, use, criSocket) : 'unknown';
}

async function stateOfServer(
  { files, net }: StateHost,
  { path, url }: { readonly path: string; readonly url: string },
  signal: AbortSignal | undefined,
): Promise<UseState> {
  try {
    const options = { timeoutMs: handshakeTimeoutMs, ...(signal && { signal }) };
    const served = await net.servedCertificate(url, options);
    const { certificate } = await readCertificates(files, path);
    return Buffer.compare(served, certificate.der) === 0 ? 'current' : 'old';
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return 'unknown';
  }
}

async function stateOfContainer(
  { cri, files }: StateHost,
  { component, path }: CertificateUse,
  criSocket: string,
): Promise<UseState> {
  const client = cri(criSocket);
  try {
    const running = await runningContainer(client, component);
    const file = await files.stat(path);
    if (running === undefined || file === undefined) return 'unknown';
    return running.startedAt < file.modifiedAt ? 'old' : 'current';
  } catch (error) {
    if (!(error instanceof CriError)) throw error;
    return 'unknown';
  } finally {
    client.close();
  }
}
