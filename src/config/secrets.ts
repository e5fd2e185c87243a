/** The secret fields of each kind of configuration, from the shapes of the kinds. */
import { parsePath } from '../lib/field-path.ts';
import { releases } from '../releases/index.ts';
import { componentApis, shapeOf } from './component/index.ts';
import { isSecretAt, secretPaths } from './reading/secret-fields.ts';
import type { Shape } from './reading/shape.ts';
import { kinds as v1beta3 } from './v1beta3/shapes.ts';
import { kinds as v1beta4 } from './v1beta4/shapes.ts';

/**
 * Whether a field is a secret or can contain one.
 *
 * @param kind such as `InitConfiguration`, `KubeletConfiguration`
 * @param path such as `bootstrapTokens[0].token`, in any version of the kind
 */
export function isSecret(kind: string, path: string): boolean {
  return shapesOf(kind).some((shape) => isSecretAt(shape, parsePath(path)));
}

/** Returns the secret fields of a kind, such as `bootstrapTokens.*.token`. */
export function secretFields(kind: string): readonly string[] {
  return [...new Set(shapesOf(kind).flatMap((shape) => secretPaths(shape)))].sort();
}

/** Returns a shape for each version of the kind, or an empty list for an unknown kind. */
function shapesOf(kind: string): readonly Shape[] {
  const own: readonly Readonly<Record<string, Shape>>[] = [v1beta4, v1beta3];
  const found = own.flatMap((kinds) => (Object.hasOwn(kinds, kind) ? (kinds[kind] ?? []) : []));
  return kind === 'KubeletConfiguration' || kind === 'KubeProxyConfiguration'
    ? [...found, ...releases.map(({ componentTypes }) => shapeOf(kind, componentTypes))]
    : found;
}

/** Every kind that kubeadm reads. */
export const configurationKinds: readonly string[] = [...Object.keys(v1beta4), ...Object.keys(componentApis)];
