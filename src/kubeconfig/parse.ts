import { KubeadmError } from '../errors.ts';
import { pathText } from '../lib/field-path.ts';
import { isRecord } from '../lib/is-record.ts';
import { readYaml } from '../lib/yaml/read.ts';
import { clusterFields, contextFields, type Field, userFields } from './fields.ts';
import type { ExtraFields, Kubeconfig } from './kubeconfig.ts';

/**
 * Parses a kubeconfig file as client-go does. Unknown fields are kept, and wrong types are errors. Error messages contain
 * no value of the file, because it may be a secret.
 *
 * @param path the path of the file, for messages
 * @throws KubeadmError `kubeconfig-invalid` with file and line
 */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  const document = readYaml(text);
  const fail: Fail = (at, message) => {
    throw failure(path, { line: document.lineOf(at), path: pathText(at) }, message);
  };
  const syntax = document.problems.find(({ kind }) => kind === 'syntax');
  if (syntax !== undefined) throw failure(path, { line: syntax.line }, `it is not YAML: ${syntax.message}`);
  const root = document.value ?? {};
  if (!isRecord(root)) return fail([], 'it is not a kubeconfig: a map of fields is expected');
  expectTexts(root, { kind: 'Config', apiVersion: 'v1' }, fail);
  const {
    kind: _kind,
    apiVersion: _version,
    'current-context': current,
    clusters,
    contexts,
    users,
    ...rest
  } = root;
  if (current !== undefined && current !== null && typeof current !== 'string') {
    return fail(['current-context'], 'a text is expected');
  }
  return {
    currentContext: current ?? '',
    clusters: parseEntries(clusters, { list: 'clusters', inner: 'cluster', fields: clusterFields }, fail).map(
      (entry) => ({ ...entry, server: entry.server ?? '' }),
    ),
    contexts: parseEntries(contexts, { list: 'contexts', inner: 'context', fields: contextFields }, fail).map(
      (entry) => ({ ...entry, cluster: entry.cluster ?? '', user: entry.user ?? '' }),
    ),
    users: parseEntries(users, { list: 'users', inner: 'user', fields: userFields }, fail),
    ...extra(rest),
  };
}

type Fail = (at: readonly (string | number)[], message: string) => never;

interface EntryKind<F extends Field<string>> {
  readonly list: string;
  readonly inner: string;
  readonly fields: readonly F[];
}

interface Values {
  readonly boolean: boolean;
  readonly string: string;
  readonly data: string;
  readonly strings: readonly string[];
  readonly stringLists: Readonly<Record<string, readonly string[]>>;
}

type Entry<F extends Field<string>> = { readonly name: string; readonly extra?: ExtraFields } & {
  readonly [Each in F as Each['key']]?: Values[Each['type']];
};

function parseEntries<F extends Field<string>>(value: unknown, kind: EntryKind<F>, fail: Fail): Entry<F>[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return fail([kind.list], 'a list is expected');
  const names = new Set<string>();
  return value.map((item: unknown, index) => {
    const at = [kind.list, index];
    if (!isRecord(item) || typeof item.name !== 'string')
      return fail(at, `an entry with \`name\` is expected`);
    if (names.has(item.name)) return fail(at, 'this name is in the list twice');
    names.add(item.name);
    const inner = item[kind.inner] ?? {};
    if (!isRecord(inner)) return fail([...at, kind.inner], 'a map of fields is expected');
    return parseEntry(item.name, { inner, fields: kind.fields, at: [...at, kind.inner] }, fail);
  });
}

function parseEntry<F extends Field<string>>(
  name: string,
  entry: {
    readonly inner: ExtraFields;
    readonly fields: readonly F[];
    readonly at: readonly (string | number)[];
  },
  fail: Fail,
): Entry<F> {
  const values: Record<string, unknown> = {};
  const rest: Record<string, unknown> = { ...entry.inner };
  for (const field of entry.fields) {
    const value = entry.inner[field.name];
    delete rest[field.name];
    if (value === undefined || value === null || value === '') continue;
    const at = [...entry.at, field.name];
    const expected = shapes[field.type];
    if (!expected.holds(value)) return fail(at, `${expected.name} is expected`);
    values[field.key] = field.type === 'data' ? decodeData(String(value), at, fail) : value;
  }
  return { name, ...values, ...extra(rest) } as Entry<F>;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const shapes: Readonly<
  Record<keyof Values, { readonly name: string; readonly holds: (value: unknown) => boolean }>
> = {
  boolean: { name: 'true or false', holds: (value) => typeof value === 'boolean' },
  string: { name: 'a text', holds: isText },
  data: { name: 'a text', holds: isText },
  strings: { name: 'a list of texts', holds: isTexts },
  stringLists: {
    name: 'a map of lists of texts',
    holds: (value) => isRecord(value) && Object.values(value).every(isTexts),
  },
};

function decodeData(value: string, at: readonly (string | number)[], fail: Fail): string {
  const base64 = value.replace(/[\r\n]/g, '');
  const wellFormed = base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64);
  return wellFormed ? Buffer.from(base64, 'base64').toString('latin1') : fail(at, 'base64 is expected');
}

function expectTexts(root: ExtraFields, texts: Readonly<Record<string, string>>, fail: Fail): void {
  for (const [field, expected] of Object.entries(texts)) {
    const value = root[field];
    if (value !== undefined && value !== null && value !== '' && value !== expected) {
      fail([field], `it is not a kubeconfig: ${field} must be ${expected}`);
    }
  }
}

function extra(rest: Readonly<Record<string, unknown>>): { readonly extra?: ExtraFields } {
  return Object.keys(rest).length === 0 ? {} : { extra: rest };
}

function failure(
  file: string,
  place: { readonly line: number; readonly path?: string },
  message: string,
): KubeadmError {
  const where = place.path === undefined || place.path === '' ? '' : `${place.path}: `;
  return new KubeadmError('kubeconfig-invalid', `${file}, line ${place.line}: ${where}${message}`, {
    place: { file, ...place },
    hint: `Repair ${file}, or remove it so that kubeadm makes a new one.`,
  });
}
