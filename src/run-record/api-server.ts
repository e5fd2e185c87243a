import { localEndpoint } from '../config/endpoints.ts';
import { NetError } from '../errors.ts';
import type { FileReads, NetReads } from '../host.ts';
import { readManifest } from '../manifests/read-manifest.ts';

const timeoutMs = 1_000;

/**
 * Whether the API server in this node's static Pod manifest may be in use. Returns false if the manifest is missing, or if
 * nothing listens at its address. An API server that does not answer within a second may be too busy.
 */
export async function apiServerMayRun({
  files,
  net,
}: {
  readonly files: FileReads;
  readonly net: NetReads;
}): Promise<boolean> {
  try {
    const manifest = await readManifest({ files }, 'kube-apiserver');
    if (manifest === undefined) return false;
    const advertiseAddress = manifest.flags.get('advertise-address');
    const port = manifest.flags.get('secure-port');
    if (advertiseAddress === undefined || port === undefined) return true;
    const server = localEndpoint({ advertiseAddress, bindPort: Number(port) });
    await net.get(`${server}/livez`, { timeoutMs, ca: false });
    return true;
  } catch (error) {
    return !(error instanceof NetError && error.reason === 'ECONNREFUSED');
  }
}
