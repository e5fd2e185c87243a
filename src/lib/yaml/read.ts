import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  parseDocument,
  type ScalarTag,
  type Tags,
  type YAMLMap,
} from 'yaml';

import { expandsTooFar } from './aliases.ts';
import { tooDeepAt } from './depth.ts';
import { lastAtOrBefore, lineStarts } from './lines.ts';
import { readNumber } from './number.ts';
import { longText, rewriteForParser } from './rewrite.ts';
import { readable, syntaxProblems, tooDeep } from './syntax-problems.ts';

/** A problem in a YAML text; lines and columns count from 1. */
export interface YamlProblem {
  readonly kind: 'syntax' | 'duplicate-key';
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** The path of a duplicate key. */
  readonly path?: readonly (string | number)[];
}

/** One YAML document as plain data, with the positions of its values. */
export interface YamlDocument {
  /** Undefined if there is a syntax problem. */
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Line of the key or item at that path. If it does not exist, the line of the nearest existing parent. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
  /** The source of an unquoted text, for example `1.30` for the number 1.3; otherwise undefined. */
  readonly sourceOf: (path: readonly (string | number)[]) => string | undefined;
}

/** Types of YAML 1.1 that Go's parser does not know. Their values stay text, maps and lists. */
const foreign = new Set(
  ['timestamp', 'binary', 'set', 'omap', 'pairs'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** The type of text in base64. It is decoded as UTF-8. */
const binary: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text, onError) => {
    const digits = text.replace(/[\r\n]/g, '');
    if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) {
      onError('the value of !!binary is not base64');
    }
    return Buffer.from(digits, 'base64').toString('utf8');
  },
};

/** The characters that Go's parser refuses (go.yaml.in/yaml v2, readerc.go). */
const controlCharacter = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Replaces the package's numbers by those of Go's parser; .inf and .nan stay. */
function goTags(tags: Tags): Tags {
  const number = (tag: string): ScalarTag => ({
    tag,
    default: true,
    test: /^[-+.0-9]/,
    resolve: (text) => readNumber(text) ?? text,
  });
  const kept = tags.filter((tag) => {
    if (typeof tag === 'string') return true;
    if (/:(int|float)$/.test(tag.tag)) return 'test' in tag && tag.test?.source.includes('inf');
    return !foreign.has(tag.tag);
  });
  return [...kept, binary, number('tag:yaml.org,2002:int'), number('tag:yaml.org,2002:float')];
}

function parse(text: string) {
  return parseDocument(text, {
    version: '1.1',
    merge: true,
    strict: false,
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
    customTags: goTags,
  });
}

/** Rewrites the text if the package would read it differently from Go's parser. Most texts need no change. */
function parseAsGo(text: string) {
  if (text.length < longText && !/\r(?!\n)|[\u0085\u2028\u2029]|[:-][,\]}]/.test(text)) {
    const document = parse(text);
    if (document.errors.length === 0) return { document, originalOffset: (offset: number) => offset };
  }
  const { text: rewritten, originalOffset } = rewriteForParser(text);
  return { document: parse(rewritten), originalOffset };
}

/**
 * Reads one document by YAML 1.1's rules as Go's parser does (yes is true, 0777 is octal). The last of duplicate keys
 * counts, and the duplicate is reported. Aliases that expand too far are a syntax problem. Whole numbers that a `number`
 * cannot hold exactly are `bigint`.
 *
 * @param firstLine the line of the file where the text begins
 */
export function readYaml(text: string, firstLine = 1): YamlDocument {
  const lines = lineStarts(text);
  const placeAt = (at: number): { line: number; column: number } => {
    const index = lastAtOrBefore(lines, at);
    return { line: index + firstLine, column: at - (lines[index] ?? 0) + 1 };
  };
  const deep = tooDeepAt(text);
  if (deep !== undefined) return unreadable({ message: tooDeep, ...placeAt(deep) });
  const { document, originalOffset } = parseAsGo(text);
  const position = (offset: number): { line: number; column: number } => placeAt(originalOffset(offset));
  const problems = syntaxProblems(document.errors, text, originalOffset).map(
    ({ message, offset }): YamlProblem => ({ kind: 'syntax', message, ...placeAt(offset) }),
  );
  const control = text.search(controlCharacter);
  if (control !== -1) {
    const code = (text.codePointAt(control) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const message = `the control character U+${code} is not allowed`;
    problems.unshift({ kind: 'syntax', message, ...placeAt(control) });
  }
  for (const { kind, message, node, path } of oddities(document.contents)) {
    problems.push({ kind, message, path, ...position(node.range?.[0] ?? 0) });
  }
  let value: unknown;
  // The package needs minutes for maps that are keys of maps that are keys. Such a document is never converted.
  if (problems.every(({ kind }) => kind !== 'syntax')) {
    try {
      if (expandsTooFar(document.contents))
        throw new Error('the aliases (*name) repeat too much of the document');
      // The rule of Go's parser replaces that of this one.
      value = document.toJS({ maxAliasCount: -1 });
    } catch (error) {
      problems.push({
        kind: 'syntax',
        message: readable(error instanceof Error ? error.message : String(error)),
        ...position(0),
      });
    }
  }
  const find = finder(document.contents);
  return {
    value,
    problems,
    lineOf: (path) => position(find(path).offset).line,
    sourceOf: (path) => {
      const { node } = find(path);
      return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
    },
  };
}

function unreadable(problem: Omit<YamlProblem, 'kind'>): YamlDocument {
  return {
    value: undefined,
    problems: [{ kind: 'syntax', ...problem }],
    lineOf: () => problem.line,
    sourceOf: () => undefined,
  };
}

interface Found {
  /** The offset of the key or item. If it does not exist, the offset of the nearest existing parent. */
  readonly offset: number;
  /** Undefined if it does not exist. */
  readonly node: unknown;
}

/** Finds values by path. It caches the keys of each map, because a file can have thousands of findings in one map. */
function finder(contents: unknown): (path: readonly (string | number)[]) => Found {
  const known = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairs = (node: YAMLMap): ReadonlyMap<string, Pair> => {
    const found =
      known.get(node) ??
      new Map(node.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
    known.set(node, found);
    return found;
  };
  return (path) => {
    let node = contents;
    let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    for (const step of path) {
      if (isMap(node)) {
        const pair = pairs(node).get(String(step));
        if (pair === undefined) return { offset, node: undefined };
        if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
        node = pair.value;
      } else {
        const item = isSeq(node) ? node.items[Number(step)] : undefined;
        if (item === undefined) return { offset, node: undefined };
        node = item;
        if (isNode(node)) offset = node.range?.[0] ?? offset;
      }
    }
    return { offset, node };
  };
}

interface Oddity {
  readonly kind: YamlProblem['kind'];
  readonly message: string;
  readonly node: ParsedNode;
  readonly path: readonly (string | number)[];
}

/** Names of anchors. They are not shown, because an accidental anchor can be part of a secret. */
interface Anchors {
  /** Anchors of the values around the node. */
  readonly open: readonly string[];
  /** All anchors before the node in the text. */
  readonly known: Set<string>;
}

/**
 * Finds duplicate keys, keys that are not text, aliases without an anchor or inside the value that they name, infinite
 * numbers, and halves of surrogate pairs. Go converts YAML to JSON, which cannot express infinite numbers.
 */
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
  if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value)) {
    return [{ kind: 'syntax', message: 'a number must be finite', node, path }];
  }
  if (node !== null && isHalf(node)) return [{ kind: 'syntax', message: half, node, path }];
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
      ...(isHalf(key) ? [{ kind: 'syntax', message: half, node: key, path: own } as const] : []),
      ...oddities(value, own, inside),
    ];
  });
}

const half = 'an escape is half of a surrogate pair such as "\\ud83d\\ude00"';

/** Whether a text in quotes has an escape that is not a character. */
function isHalf(node: unknown): boolean {
  return isScalar(node) && typeof node.value === 'string' && !node.value.isWellFormed();
}

/** Reads one document as plain data. @throws Error with line and column of the first syntax problem */
export function parseYaml(text: string): unknown {
  const { value, problems } = readYaml(text);
  const syntax = problems.find(({ kind }) => kind === 'syntax');
  if (syntax !== undefined)
    throw new Error(`line ${syntax.line}, column ${syntax.column}: ${syntax.message}`);
  return value;
}
