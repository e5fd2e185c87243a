import type { FileReads } from '../../host.ts';
import { currentUserOf } from '../../kubeconfig/current.ts';
import { parseKubeconfig } from '../../kubeconfig/parse.ts';
import { kubeletConf, kubernetesDir } from '../../names.ts';
import type { MachineFacts } from '../facts.ts';

const path = `${kubernetesDir}/${kubeletConf}`;

/**
 * Whether the kubelet has its client certificate. During its bootstrap it writes a kubeconfig that names a file, and makes
 * the file as soon as it gets its certificate.
 */
export async function gatherKubeletCertificate({
  files,
}: {
  readonly files: FileReads;
}): Promise<Pick<MachineFacts, 'kubeletHasCertificate'>> {
  if ((await files.stat(path)) === undefined) return { kubeletHasCertificate: false };
  const user = currentUserOf(parseKubeconfig(await files.readText(path), path));
  const file = user.clientCertificate ?? '';
  const exists =
    file === '' ? user.clientCertificateData !== undefined : (await files.stat(file)) !== undefined;
  return { kubeletHasCertificate: exists };
}
