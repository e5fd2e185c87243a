/**
 * The names of the temporary files of atomic writes. They begin with a dot, because the kubelet reads every other file of
 * its manifest folder as a Pod. They contain `kubeadm`, so that files of a cut-off run differ from those of others.
 */

/** NAME_MAX of Linux, in bytes. */
const maxNameBytes = 255;

/**
 * Makes `.ca.crt.kubeadm-3f9c…` from `ca.crt` and `3f9c…`. `suffix` has 12 hexadecimal digits. The end of a long name is
 * cut, so that the result is a file name too.
 */
export function temporaryName(name: string, suffix: string): string {
  const end = `.kubeadm-${suffix}`;
  return `.${firstBytes(name, maxNameBytes - 1 - end.length)}${end}`;
}

function firstBytes(name: string, max: number): string {
  if (Buffer.byteLength(name) <= max) return name;
  let [kept, size] = ['', 0];
  for (const character of name) {
    size += Buffer.byteLength(character);
    if (size > max) break;
    kept += character;
  }
  return kept;
}

export function isTemporaryName(name: string): boolean {
  return /^\..+\.kubeadm-[0-9a-f]{12}$/.test(name);
}
