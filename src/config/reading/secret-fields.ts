/** The secret fields of a shape. */
import { pathText } from '../../lib/field-path.ts';
import type { Shape } from './shape.ts';

type Path = readonly (string | number)[];

/** Whether the value at a path is a secret or can contain one. Returns false for a path that is not in the shape. */
export function isSecretAt(shape: Shape, path: Path): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return holdsSecret(shape);
  if (shape.kind === 'list' || shape.kind === 'map') return isSecretAt(shape.of, rest);
  if (shape.kind !== 'object') return false;
  const field = Object.hasOwn(shape.fields, step) ? shape.fields[step] : undefined;
  return field !== undefined && isSecretAt(field, rest);
}

/** Whether the shape is a secret, or has a secret field at any depth. */
export function holdsSecret(shape: Shape): boolean {
  if (shape.kind === 'string') return shape.secret === true;
  if (shape.kind === 'list' || shape.kind === 'map') return holdsSecret(shape.of);
  return shape.kind === 'object' && Object.values(shape.fields).some(holdsSecret);
}

/** Returns the paths of all secrets, such as `bootstrapTokens.*.token`. `*` means an element of a list or map. */
export function secretPaths(shape: Shape, path: Path = []): readonly string[] {
  if (shape.kind === 'string') return shape.secret === true ? [pathText(path)] : [];
  if (shape.kind === 'list' || shape.kind === 'map') return secretPaths(shape.of, [...path, '*']);
  if (shape.kind !== 'object') return [];
  return Object.entries(shape.fields).flatMap(([name, field]) => secretPaths(field, [...path, name]));
}
