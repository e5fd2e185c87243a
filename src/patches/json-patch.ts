/** JSON patches: lists of operations. Source: RFC 6902; gopkg.in/evanphx/json-patch for indices below zero. */
import { applyPatch, type Operation } from 'rfc6902';
import { copyJson, isList, isObject } from './json-value.ts';

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

/** What is wrong with a value that should be a JSON patch; undefined when nothing is. */
export function checkJsonPatch(value: unknown): string | undefined {
  if (!isList(value)) return 'it must be a list of operations';
  for (const [index, operation] of value.entries()) {
    const at = `operation ${index + 1}`;
    if (!isObject(operation)) return `${at} must be an object`;
    if (!operations.includes(String(operation.op)))
      return `${at}: op must be one of ${operations.join(', ')}`;
    if (!isPointer(operation.path)) return `${at}: path must be text that begins with "/"`;
    const moves = operation.op === 'move' || operation.op === 'copy';
    if (moves && !isPointer(operation.from)) return `${at}: from must be text that begins with "/"`;
  }
  return undefined;
}

/** The patched document; neither argument is changed. Throws an Error that names the operation. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const problem = checkJsonPatch(patch);
  if (problem !== undefined) throw new Error(problem);
  const root = { document: copyJson(document) };
  for (const [index, operation] of (patch as Record<string, unknown>[]).entries()) {
    const inRoot = {
      ...withValue(operation),
      path: resolveIndices(root, `/document${String(operation.path)}`),
      ...(operation.from === undefined
        ? {}
        : { from: resolveIndices(root, `/document${String(operation.from)}`) }),
    };
    const [error] = applyPatch(root, [inRoot as Operation]);
    if (error !== null && error !== undefined) {
      throw new Error(
        `operation ${index + 1} (${String(operation.op)} ${String(operation.path)}): ${reason(error)}`,
      );
    }
  }
  return root.document;
}

/** An operation without value means null. */
function withValue(operation: Record<string, unknown>): Record<string, unknown> {
  const needsValue = operation.op === 'add' || operation.op === 'replace' || operation.op === 'test';
  return needsValue && operation.value === undefined ? { ...operation, value: null } : operation;
}

function reason(error: Error): string {
  if (error.name === 'MissingError') return 'there is nothing at this path';
  if (error.name === 'TestError') return 'the value there is another one';
  return error.message;
}

function isPointer(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/');
}

/** Indices below zero count from the end of a list. */
function resolveIndices(root: unknown, pointer: string): string {
  let value = root;
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => {
      let resolved = token;
      if (isList(value) && /^-\d+$/.test(token) && Number(token) + value.length >= 0) {
        resolved = String(Number(token) + value.length);
      }
      value = step(value, resolved.replaceAll('~1', '/').replaceAll('~0', '~'));
      return resolved;
    });
  return `/${tokens.join('/')}`;
}

function step(value: unknown, token: string): unknown {
  if (isList(value)) return value[Number(token)];
  return isObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
}
