/**
 * Reads struct definitions from Kubernetes' Go sources: names, JSON tags, patch strategies and merge keys.
 * Only the syntax of such sources is understood. For other syntax it fails with the place.
 */
import { readFileSync } from 'node:fs';

/** The form of a value; see src/kubernetes-types/schema.ts. */
export interface GoField {
  readonly name: string;
  readonly type: string;
  readonly omit: 'never' | 'empty' | 'zero';
  readonly strategy?: string;
  readonly mergeKey?: string;
}

export interface GoPackage {
  /** The short name in the table, such as `core/v1`. */
  readonly name: string;
  readonly file: string;
  /** Maps the alias of an import to a package of the table. */
  readonly imports: Readonly<Record<string, string>>;
}

/** Go types with their own JSON form. */
const special: Readonly<Record<string, string>> = {
  'resource.Quantity': 'quantity',
  'resource.QuantityValue': 'quantity',
  TimeOrMetaDuration: 'raw',
  'intstr.IntOrString': 'intOrString',
  'metav1.Time': 'time',
  'metav1.MicroTime': 'time',
  'metav1.Duration': 'duration',
  'metav1.FieldsV1': 'raw',
  'types.UID': 'string',
  'types.NodeName': 'string',
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  uint32: 'uint32',
  int: 'int64',
  int8: 'int32',
  float64: 'float',
  byte: 'byte',
};

type Definition =
  | { readonly kind: 'struct'; readonly body: readonly string[] }
  | { readonly kind: 'alias'; readonly of: string };

/** Every struct that is reachable from the roots, by its name in the table. */
export function readTypes(
  packages: readonly GoPackage[],
  roots: readonly string[],
): ReadonlyMap<string, readonly GoField[]> {
  const definitions = new Map(packages.map((each) => [each.name, definitionsOf(each.file)]));
  const byName = new Map(packages.map((each) => [each.name, each]));
  const table = new Map<string, readonly GoField[]>();

  function fieldsOf(typeName: string): readonly GoField[] {
    const { packageName, definition } = lookUp(typeName);
    if (definition.kind !== 'struct') throw new Error(`${typeName} is not a struct`);
    return definition.body.flatMap((line) => {
      const match = /^\s*(?:(\w+)\s+)?([^\s`]+)\s+`(.*)`\s*(?:\/\/.*)?$/.exec(line);
      if (match === null) throw new Error(`${typeName}: cannot read the line ${line}`);
      const [, fieldName, type = '', tags = ''] = match;
      const [jsonName = '', ...options] = (tag(tags, 'json') ?? '').split(',');
      if (jsonName === '-') return [];
      if (fieldName === undefined && (jsonName === '' || options.includes('inline'))) {
        return fieldsOf(resolve(packageName, type.replace(/^\*/, '')));
      }
      const strategy = tag(tags, 'patchStrategy');
      const mergeKey = tag(tags, 'patchMergeKey');
      return [
        {
          name: jsonName,
          type: resolve(packageName, type),
          omit: omission(options),
          ...(strategy === undefined ? {} : { strategy }),
          ...(mergeKey === undefined ? {} : { mergeKey }),
        },
      ];
    });
  }

  function lookUp(typeName: string): { readonly packageName: string; readonly definition: Definition } {
    const [packageName = '', name = ''] = splitAtLast(typeName, '.');
    const definition = definitions.get(packageName)?.get(name);
    if (definition === undefined) throw new Error(`no definition of ${typeName}`);
    return { packageName, definition };
  }

  function resolve(packageName: string, type: string): string {
    if (type.startsWith('*')) return `*${resolve(packageName, type.slice(1))}`;
    if (type === '[]byte') return 'bytes';
    if (type.startsWith('[]')) return `[]${resolve(packageName, type.slice(2))}`;
    const map = /^map\[[\w.]+\](.+)$/.exec(type);
    if (map !== null) return `map ${resolve(packageName, map[1] ?? '')}`;
    const [alias = '', name = ''] = type.includes('.') ? splitAtLast(type, '.') : ['', type];
    const target = alias === '' ? packageName : byName.get(packageName)?.imports[alias];
    const known = special[type] ?? special[target === 'meta/v1' ? `metav1.${name}` : ''];
    if (known !== undefined) return known;
    if (target === undefined) throw new Error(`${packageName}: no package for ${type}`);
    const full = `${target}.${name}`;
    const { definition } = lookUp(full);
    return definition.kind === 'alias' ? resolve(target, definition.of) : full;
  }

  const waiting = [...roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (table.has(next)) continue;
    const fields = fieldsOf(next);
    table.set(next, fields);
    for (const { type } of fields) {
      const element = type.replace(/^(\*|\[\]|map )+/, '');
      if (element.includes('.')) waiting.push(element);
    }
  }
  return table;
}

function definitionsOf(file: string): ReadonlyMap<string, Definition> {
  const definitions = new Map<string, Definition>();
  const lines = readFileSync(file, 'utf8')
    .replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, '')
    .split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const struct = /^type (\w+) struct \{\s*(\})?/.exec(line);
    if (struct !== null) {
      const body: string[] = [];
      while (struct[2] === undefined && lines[++index] !== '}') {
        const field = lines[index] ?? '';
        if (/^\s*(\/\/.*)?$/.test(field)) continue;
        body.push(field);
      }
      definitions.set(struct[1] ?? '', { kind: 'struct', body });
      continue;
    }
    const alias = /^type (\w+) =? ?([\w.*[\]]+)\s*(\/\/.*)?$/.exec(line);
    if (alias !== null) definitions.set(alias[1] ?? '', { kind: 'alias', of: alias[2] ?? '' });
  }
  return definitions;
}

function omission(options: readonly string[]): GoField['omit'] {
  if (options.includes('omitzero')) return 'zero';
  return options.includes('omitempty') ? 'empty' : 'never';
}

function tag(tags: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}:"([^"]*)"`).exec(tags)?.[1];
}

function splitAtLast(text: string, separator: string): [string, string] {
  const at = text.lastIndexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
