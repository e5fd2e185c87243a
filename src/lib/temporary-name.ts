/**
 * The names of the temporary files of atomic writes. They begin with a dot, because the kubelet reads every other file of
 * its manifest folder as a Pod. They contain `kubeadm`, so that files of a cut-off run differ from those of others.
 */

/** Makes `.ca.crt.kubeadm-3f9c…` from `ca.crt` and `3f9c…`. `suffix` has 12 hexadecimal digits. */
export function temporaryName(name: string, suffix: string): string {
  return `.${name}.kubeadm-${suffix}`;
}

export function isTemporaryName(name: string): boolean {
  return /^\..+\.kubeadm-[0-9a-f]{12}$/.test(name);
}
