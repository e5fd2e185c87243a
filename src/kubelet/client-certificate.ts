/** The client certificate that the kubelet renews by itself. Source: cmd/kubeadm/app/cmd/phases/init/kubeletfinalize.go. */
import type { FileReads, FileWrites } from '../host.ts';
import { currentUserOf } from '../kubeconfig/current.ts';
import type { Kubeconfig } from '../kubeconfig/kubeconfig.ts';
import { parseKubeconfig } from '../kubeconfig/parse.ts';
import { formatKubeconfig } from '../kubeconfig/write.ts';

/**
 * Makes the kubelet's kubeconfig refer to the file with certificate and key that the kubelet renews.
 *
 * @throws FileError; KubeadmError `kubeconfig-invalid` if its current context has no user
 */
export async function useRenewedCertificate(
  files: FileReads & FileWrites,
  path: string,
  pem: string,
): Promise<void> {
  const kubeconfig = parseKubeconfig(await files.readText(path), path);
  const rotating = formatKubeconfig(withClientCertificate(kubeconfig, { path, pem }));
  await files.write(path, rotating, { mode: 0o600 });
}

/** Replaces certificate and key of the current context's user with the file that the kubelet renews. */
function withClientCertificate(
  kubeconfig: Kubeconfig,
  { path, pem }: { readonly path: string; readonly pem: string },
): Kubeconfig {
  const current = currentUserOf(kubeconfig, path);
  const users = kubeconfig.users.map((user) => {
    if (user.name !== current.name) return user;
    const { clientCertificateData: _certificate, clientKeyData: _key, ...rest } = user;
    return { ...rest, clientCertificate: pem, clientKey: pem };
  });
  return { ...kubeconfig, users };
}
