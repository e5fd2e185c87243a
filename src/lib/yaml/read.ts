import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  type Tags,
  type YAMLMap,
} from 'yaml';

/** Something odd in a YAML text; lines and columns count from 1. */
export interface YamlProblem {
  readonly kind: 'syntax' | 'duplicate-key';
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** Where the key stands that is there twice. */
  readonly path?: readonly (string | number)[];
}

/** One YAML document as plain data, with the places of its values. */
export interface YamlDocument {
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Line of the key or item at that path; of the nearest one above it when it is not there. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** Types that Go's YAML 1.1 parser does not read out of plain text. */
const foreign = new Set(['tag:yaml.org,2002:timestamp', 'tag:yaml.org,2002:binary']);

/** The YAML package takes `e0` and a lone dot for numbers, Go's parser wants a digit before the exponent. */
function withDigits(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !('test' in tag) || tag.test === undefined) return tag;
  if (tag.tag !== 'tag:yaml.org,2002:float' || tag.test.source.includes('inf')) return tag;
  const test =
    tag.format === 'EXP'
      ? /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)[eE][-+]?[0-9]+$/
      : /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*\.[0-9_]*)$/;
  return { ...tag, test };
}

/**
 * Reads one document by YAML 1.1's rules as Go's parser does (yes is true, 0777 is octal). The last of equal
 * keys wins and is reported. Aliases that would blow up the document are a syntax problem.
 *
 * @param firstLine line of the file at which the text begins
 */
export function readYaml(text: string, firstLine = 1): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    lineCounter: lines,
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
    customTags: (tags: Tags) =>
      tags
        .filter(
          (tag) =>
            typeof tag === 'string' || !(foreign.has(tag.tag) || ('format' in tag && tag.format === 'TIME')),
        )
        .map(withDigits),
  });
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1) + firstLine - 1, column: Math.max(col, 1) };
  };
  const problems: YamlProblem[] = document.errors.map((error) => ({
    kind: 'syntax',
    message: readable(error.message),
    ...position(error.pos[0]),
  }));
  for (const { kind, message, node, path } of oddities(document.contents)) {
    problems.push({ kind, message, path, ...position(node.range?.[0] ?? 0) });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias without its anchor was found above, with its place.
    if (problems.every(({ kind }) => kind !== 'syntax'))
      problems.push({
        kind: 'syntax',
        message: readable(error instanceof Error ? error.message : String(error)),
        ...position(0),
      });
  }
  const known = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  // Kept: a file may have thousands of findings in one map.
  const pairs = (node: YAMLMap): ReadonlyMap<string, Pair> => {
    const found =
      known.get(node) ??
      new Map(node.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
    known.set(node, found);
    return found;
  };
  const lineOf = (path: readonly (string | number)[]): number => {
    let node: unknown = document.contents;
    let offset = isMap(node) || isSeq(node) || isScalar(node) ? (node.range?.[0] ?? 0) : 0;
    for (const step of path) {
      if (isMap(node)) {
        const pair = pairs(node).get(String(step));
        if (pair === undefined) break;
        if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        const item = node.items[Number(step)];
        if (item === undefined) break;
        node = item;
        if (isMap(node) || isSeq(node) || isScalar(node)) offset = node.range?.[0] ?? offset;
      } else break;
    }
    return position(offset).line;
  };
  return { value, problems, lineOf };
}

/**
 * The parser's message without what it quotes from the text, which may be a secret: line and column say where to
 * look. Single signs stay.
 */
function readable(message: string): string {
  if (message.includes('call stack')) return 'it is nested too deeply';
  return message
    .replace(/(?<=[\w)]): (?!"?[^A-Za-z0-9\s]{1,2}"?$).*$/s, '')
    .replace(/"[^"]*[A-Za-z0-9].*"/s, 'a word')
    .replace(/^Unknown directive .*$/s, 'Unknown directive')
    .replace(/(escape sequence) .*$/s, '$1');
}

interface Oddity {
  readonly kind: YamlProblem['kind'];
  readonly message: string;
  readonly node: ParsedNode;
  readonly path: readonly (string | number)[];
}

/** Anchors by their names, which are not shown: one that was not meant may be a part of a secret. */
interface Anchors {
  /** Of the values around the node. */
  readonly open: readonly string[];
  /** All before it in the text. */
  readonly known: Set<string>;
}

/** Keys that stand in their map twice, keys that are no text, and aliases of no value or of one around them. */
function oddities(
  node: ParsedNode | null,
  path: readonly (string | number)[] = [],
  { open, known }: Anchors = { open: [], known: new Set() },
): readonly Oddity[] {
  if (isAlias(node)) {
    const message = open.includes(node.source)
      ? 'an alias stands in the value that it names'
      : 'an alias (*name) names no anchor (&name) before it';
    const isGood = known.has(node.source) && !open.includes(node.source);
    return isGood ? [] : [{ kind: 'syntax', message, node, path }];
  }
  if (node?.anchor !== undefined) known.add(node.anchor);
  if (!isMap(node) && !isSeq(node)) return [];
  const inside = { open: node.anchor === undefined ? open : [...open, node.anchor], known };
  if (isSeq(node)) return node.items.flatMap((item, index) => oddities(item, [...path, index], inside));
  const seen = new Set<string>();
  return node.items.flatMap(({ key, value }): readonly Oddity[] => {
    if (isScalar(key) && key.anchor !== undefined) known.add(key.anchor);
    if (!isScalar(key) || key.value === null) {
      if (!isMap(key) && !isSeq(key) && !isScalar(key)) return oddities(value, path, inside);
      const found = isMap(key) ? 'a map' : isSeq(key) ? 'a list' : 'null';
      return [{ kind: 'syntax', message: `a key must be text, and is ${found}`, node: key, path }];
    }
    const name = String(key.value);
    const own = [...path, name];
    const twice = seen.has(name);
    seen.add(name);
    const message = `key "${name}" is there twice; the last one counts`;
    return [
      ...(twice ? [{ kind: 'duplicate-key', message, node: key, path: own } as const] : []),
      ...oddities(value, own, inside),
    ];
  });
}

/** One document as plain data. @throws Error with line and column of the first syntax problem */
export function parseYaml(text: string): unknown {
  const { value, problems } = readYaml(text);
  const syntax = problems.find(({ kind }) => kind === 'syntax');
  if (syntax !== undefined)
    throw new Error(`line ${syntax.line}, column ${syntax.column}: ${syntax.message}`);
  return value;
}
