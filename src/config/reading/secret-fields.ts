/** Which fields of a shape are secrets. */
import { pathText } from '../../lib/field-path.ts';
import type { Shape } from './shape.ts';

type Path = readonly (string | number)[];

/** Whether the value at that path is a secret, or may hold one. Paths that the shape does not have lead to none. */
export function isSecretAt(shape: Shape, path: Path): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return holdsSecret(shape);
  if (shape.kind === 'list' || shape.kind === 'map') return isSecretAt(shape.of, rest);
  if (shape.kind !== 'object') return false;
  const field = Object.hasOwn(shape.fields, step) ? shape.fields[step] : undefined;
  return field !== undefined && isSecretAt(field, rest);
}

/** Whether it is a secret, or has a field that is one, at any depth. */
export function holdsSecret(shape: Shape): boolean {
  if (shape.kind === 'string') return shape.secret === true;
  if (shape.kind === 'list' || shape.kind === 'map') return holdsSecret(shape.of);
  return shape.kind === 'object' && Object.values(shape.fields).some(holdsSecret);
}

/** The paths of all secrets; `*` stands for the steps of lists and maps: `bootstrapTokens.*.token`. */
export function secretPaths(shape: Shape, path: Path = []): readonly string[] {
  if (shape.kind === 'string') return shape.secret === true ? [pathText(path)] : [];
  if (shape.kind === 'list' || shape.kind === 'map') return secretPaths(shape.of, [...path, '*']);
  if (shape.kind !== 'object') return [];
  return Object.entries(shape.fields).flatMap(([name, field]) => secretPaths(field, [...path, name]));
}
