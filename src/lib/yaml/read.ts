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

import { readNumber } from './number.ts';
import { longText, rewriteForParser } from './rewrite.ts';

/** Something odd in a YAML text; lines and columns count from 1. */
export interface YamlProblem {
  readonly kind: 'syntax' | 'duplicate-key';
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** Of a key that is there twice. */
  readonly path?: readonly (string | number)[];
}

/** One YAML document as plain data, with the places of its values. */
export interface YamlDocument {
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Line of the key or item at that path; of the nearest one above it when it is not there. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
  /** What is written there, if it is text without quotes: `1.30` of a value that is the number 1.3. */
  readonly sourceOf: (path: readonly (string | number)[]) => string | undefined;
}

/** Types that Go's YAML 1.1 parser does not read out of plain text. */
const foreign = new Set(['tag:yaml.org,2002:timestamp', 'tag:yaml.org,2002:binary']);

/** The numbers of Go's parser in place of the package's own; .inf and .nan stay. */
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
  return [...kept, number('tag:yaml.org,2002:int'), number('tag:yaml.org,2002:float')];
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

/** In a form that the package reads as Go's parser reads the text; most texts are in it. */
function parseAsGo(text: string) {
  if (text.length < longText && !/\r(?!\n)|[:-][,\]}]/.test(text)) {
    const document = parse(text);
    if (document.errors.length === 0) return { document, originalOffset: (offset: number) => offset };
  }
  const { text: rewritten, originalOffset } = rewriteForParser(text);
  return { document: parse(rewritten), originalOffset };
}

/**
 * Reads one document by YAML 1.1's rules as Go's parser does (yes is true, 0777 is octal). The last of equal
 * keys wins and is reported. Aliases that would blow up the document are a syntax problem. Whole numbers that a
 * `number` cannot hold exactly are of type `bigint`.
 *
 * @param firstLine line of the file at which the text begins
 */
export function readYaml(text: string, firstLine = 1): YamlDocument {
  const { document, originalOffset } = parseAsGo(text);
  const lines = lineStarts(text);
  const position = (offset: number): { line: number; column: number } => {
    const at = originalOffset(offset);
    const index = lastAtOrBefore(lines, at);
    return { line: index + firstLine, column: at - (lines[index] ?? 0) + 1 };
  };
  const problems: YamlProblem[] = document.errors.map((error) => ({
    kind: 'syntax',
    message: readable(error.message) + (advice[error.code] ?? ''),
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

/** What to write instead, by the code of the package's error. */
const advice: Readonly<Record<string, string>> = {
  BAD_SCALAR_START: '; put text that begins with such a sign in quotes',
  BLOCK_AS_IMPLICIT_KEY: '; put text that holds a colon and a blank in quotes',
  BLOCK_IN_FLOW: '; put text that begins with - or ? in quotes, or write the list without brackets',
  TAB_AS_INDENT: '; indent with blanks',
};

/** Offsets at which lines begin; LF, CR and CR LF end them, as Go's parser has it. */
function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\r\n?|\n/g), ({ 0: end, index }) => index + end.length)];
}

function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

interface Found {
  /** Of the key or item; of the nearest one above it when it is not there. */
  readonly offset: number;
  /** Undefined when it is not there. */
  readonly node: unknown;
}

/** Finds values by their paths. Its table of keys is kept: a file may have thousands of findings in one map. */
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
