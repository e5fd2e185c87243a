/** The parts of the name of a patch file: `target[suffix][+type].extension`. */

export const patchTargets = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubeletconfiguration',
  'corednsdeployment',
] as const;

export type PatchTarget = (typeof patchTargets)[number];

export const patchTypes = ['json', 'merge', 'strategic'] as const;

export type PatchFileType = (typeof patchTypes)[number];

export type PatchFileName =
  | { readonly kind: 'patch'; readonly target: PatchTarget; readonly type: PatchFileType }
  | { readonly kind: 'ignored'; readonly reason: 'extension' | 'target' }
  /** The word after the `+` is not a known type. */
  | { readonly kind: 'unknown-type' };

const extension = /.\.(json|yaml)$/;
const parts = new RegExp(`^(${patchTargets.join('|')})[^.+\\n]*(\\+)?(${patchTypes.join('|')})?`);

/** Reads a file name without its directories. Source: cmd/kubeadm/app/util/patches/patches.go. */
export function parsePatchFileName(name: string): PatchFileName {
  if (!extension.test(name)) return { kind: 'ignored', reason: 'extension' };
  const match = parts.exec(name);
  if (match === null) return { kind: 'ignored', reason: 'target' };
  const [, target, plus, type] = match;
  if (plus !== undefined && type === undefined) return { kind: 'unknown-type' };
  return { kind: 'patch', target: target as PatchTarget, type: (type ?? 'strategic') as PatchFileType };
}
