import { localEndpoint } from '../config/endpoints.ts';
import { isNotFound, NetError } from '../errors.ts';
import type { FileReads, NetReads } from '../host.ts';
import { manifestsDir } from '../names.ts';

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
    const manifest = await files.readText(`${manifestsDir}/kube-apiserver.yaml`);
    const advertiseAddress = /--advertise-address=([0-9a-fA-F.:]+)/.exec(manifest)?.[1];
    const port = /--secure-port=(\d+)/.exec(manifest)?.[1];
    if (advertiseAddress === undefined || port === undefined) return true;
    const server = localEndpoint({ advertiseAddress, bindPort: Number(port) });
    await net.get(`${server}/livez`, { timeoutMs, ca: false });
    return true;
  } catch (error) {
    return !isNotFound(error) && !(error instanceof NetError && error.reason === 'ECONNREFUSED');
  }
}
