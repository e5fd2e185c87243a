import { createHash } from 'node:crypto';

/**
 * Returns the annotation value of a ConfigMap that kubeadm made from defaults. It is the SHA-256 of the values of `data`
 * and then of `binaryData`, each in the order of sorted keys. Source: app/componentconfigs/checksums.go.
 */
export function componentConfigHash(
  data: Readonly<Record<string, string>>,
  binaryData: Readonly<Record<string, string>> = {},
): string {
  const hash = createHash('sha256');
  for (const key of Object.keys(data).sort()) hash.update(data[key] ?? '');
  for (const key of Object.keys(binaryData).sort()) hash.update(Buffer.from(binaryData[key] ?? '', 'base64'));
  return `sha256:${hash.digest('hex')}`;
}
