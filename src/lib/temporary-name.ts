/**
 * Names of the temporary files of atomic writes. They begin with a dot, because the kubelet takes every other
 * file of its manifest folder for a Pod, and say whose they are, so that what a cut-off run left can be told
 * from the files of others.
 */

/** `ca.crt` and `3f9c…` give `.ca.crt.kubeadm-3f9c…`; `suffix` is 12 hexadecimal digits. */
export function temporaryName(name: string, suffix: string): string {
  return `.${name}.kubeadm-${suffix}`;
}

export function isTemporaryName(name: string): boolean {
  return /^\..+\.kubeadm-[0-9a-f]{12}$/.test(name);
}
