import { localEndpoint } from '../config/endpoints.ts';
import type { FileReads, NetReads } from '../host.ts';
import { manifestsDir } from '../names.ts';

const timeoutMs = 1_000;

/**
 * Whether the API server of this node, as its static Pod manifest describes it, answers within a second, with any
 * status. Without a manifest, or with one that does not name address and port, the answer is no.
 */
export async function apiServerAnswers({
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
    if (advertiseAddress === undefined || port === undefined) return false;
    const server = localEndpoint({ advertiseAddress, bindPort: Number(port) });
    await net.get(`${server}/livez`, { timeoutMs, ca: false });
    return true;
  } catch {
    return false;
  }
}
