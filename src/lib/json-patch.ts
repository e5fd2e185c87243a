/** JSON patches, which are lists of operations. Source: RFC 6902; gopkg.in/evanphx/json-patch for negative indices. */
import { applyPatch, type Operation } from 'rfc6902';
import { get, isList, isObject, type JsonObject, set } from './json-value.ts';

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

/** Returns the problem of a value that is not a JSON patch; undefined if it is one. */
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

/** Returns the patched document. Neither argument is changed. Throws an Error that names the operation. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  const problem = checkJsonPatch(patch);
  if (problem !== undefined) throw new Error(problem);
  const root = { document: marked(document) };
  for (const [index, operation] of (patch as Record<string, unknown>[]).entries()) {
    const error = applyOperation(root, operation);
    if (error !== undefined) {
      const at = `operation ${index + 1} (${String(operation.op)} ${String(operation.path)})`;
      throw new Error(`${at}: ${reason(error, root, operation)}`);
    }
  }
  return unmarked(root.document);
}

function applyOperation(root: object, operation: Record<string, unknown>): Error | undefined {
  const { from, op, path } = operation;
  // The library would write beyond the end of a list without an error.
  if (op === 'remove' || op === 'replace' || op === 'test') {
    const list = valueAt(root, String(path).replace(/\/[^/]*$/, ''));
    if (isList(list) && valueAt(root, String(path)) === undefined) return missing();
  }
  const inRoot = {
    ...operation,
    ...(needsValue(op) ? { value: marked(operation.value ?? null) } : {}),
    path: pointer(root, String(path)),
    ...(from === undefined ? {} : { from: pointer(root, String(from)) }),
  };
  const [error] = applyPatch(root, [inRoot as Operation]);
  return error ?? undefined;
}

/** Whether the value is missing, in which case it is null. */
function needsValue(op: unknown): boolean {
  return op === 'add' || op === 'replace' || op === 'test';
}

function missing(): Error {
  return Object.assign(new Error('missing'), { name: 'MissingError' });
}

function reason(error: Error, root: object, operation: Record<string, unknown>): string {
  if (error.name === 'MissingError') return `there is nothing at ${missingPath(root, operation)}`;
  if (error.name === 'TestError') return 'the value there is another one';
  return error.message;
}

/** The shortest part of the operation's paths that leads to no value. An operation that adds needs only the parent of its path. */
function missingPath(root: object, { from, op, path }: Record<string, unknown>): string {
  const adds = op === 'add' || op === 'move' || op === 'copy';
  const needed = [
    ...(from === undefined ? [] : [String(from)]),
    adds ? String(path).replace(/\/[^/]*$/, '') : String(path),
  ];
  const parts = needed.flatMap((each) => {
    const tokens = each.split('/');
    return tokens.map((_, index) => tokens.slice(0, index + 1).join('/'));
  });
  return parts.find((part) => part !== '' && valueAt(root, part) === undefined) ?? String(path);
}

function isPointer(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('/');
}

/**
 * The library treats inherited properties such as `toString` as fields, and skips the tokens `constructor`, `prototype`
 * and `__proto__`. A mark before each key makes the library treat every key as a plain field.
 */
const mark = '=';

function marked(value: unknown): unknown {
  if (isList(value)) return value.map(marked);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [mark + key, marked(each)]));
}

function unmarked(value: unknown): unknown {
  if (isList(value)) return value.map(unmarked);
  if (!isObject(value)) return value;
  const plain: JsonObject = {};
  for (const [key, each] of Object.entries(value)) set(plain, key.slice(mark.length), unmarked(each));
  return plain;
}

/** The pointer to the same place in the marked document. */
function pointer(root: object, path: string): string {
  return `/document/${steps(root, path).tokens.join('/')}`;
}

function valueAt(root: object, path: string): unknown {
  return steps(root, path).value;
}

/** Negative indices count from the end of a list. */
function steps(root: object, path: string): { readonly tokens: readonly string[]; readonly value: unknown } {
  let value: unknown = Reflect.get(root, 'document');
  const tokens = path
    .split('/')
    .slice(1)
    .map((token) => {
      if (!isList(value)) {
        value = isObject(value)
          ? get(value, mark + token.replaceAll('~1', '/').replaceAll('~0', '~'))
          : undefined;
        return mark + token;
      }
      const index = /^-\d+$/.test(token) ? Number(token) + value.length : Number(token);
      value = value[index];
      return /^-\d+$/.test(token) && index >= 0 ? String(index) : token;
    });
  return { tokens, value };
}
