import { warnTo } from '../config/findings/warnings.ts';
import { type InitOverlay, loadInitFamily } from '../config/load.ts';
import type { ReadHost } from '../host.ts';
import { requiredImages } from '../images.ts';
import { type ConfigRequest, configSource } from '../phases/config-source.ts';
import { beginReport, type RunContext } from '../phases/execute.ts';

/**
 * `kubeadm config images list`: returns the container images that a control plane with this configuration needs.
 *
 * @throws the errors of `loadInitFamily`
 */
export async function listImages(
  host: ReadHost,
  request: ConfigRequest<InitOverlay> = {},
  context: RunContext = {},
): Promise<readonly string[]> {
  const onWarning = warnTo(beginReport(host, context).emit);
  const options = { criDetection: false, onWarning };
  return requiredImages((await loadInitFamily(host, configSource(request), options)).config);
}
