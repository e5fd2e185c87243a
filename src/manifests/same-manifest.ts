import type { StructTable } from '../kubernetes-types/schema.ts';
import { typedForm } from '../kubernetes-types/typed.ts';
import { isRecord } from '../lib/is-record.ts';
import { parseYaml } from '../lib/yaml/read.ts';

/**
 * Whether two manifests describe the same Pod. Their layout, comments and the order of their keys do not count. A text that
 * is not a Pod differs from any other. Source: cmd/kubeadm/app/util/staticpod/utils.go, ManifestFilesAreEqual.
 */
export function isSameManifest(one: string, other: string, types: StructTable): boolean {
  const [first, second] = [one, other].map((text) => canonicalPod(text, types));
  return first !== undefined && first === second;
}

/** The Pod as JSON with sorted keys; undefined for any other text. */
function canonicalPod(text: string, types: StructTable): string | undefined {
  try {
    const pod = parseYaml(text);
    return isRecord(pod) ? JSON.stringify(typedForm('Pod', pod, types), sortKeys) : undefined;
  } catch {
    return undefined;
  }
}

function sortKeys(_key: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
