/**
 * A Corefile as the migration of CoreDNS reads and writes it: server blocks, their plugins, and the options of those. Deeper
 * levels, comments and layout are lost. Source: github.com/coredns/corefile-migration v1.0.31, migration/corefile.
 */
import { KubeadmError } from '../../errors.ts';
import { countLineBreaks, isSpace, type Token, tokensOf } from './tokens.ts';

export interface Corefile {
  readonly servers: readonly ServerBlock[];
}

export interface ServerBlock {
  /** The zones and ports before the block, such as `.:53`. */
  readonly zones: readonly string[];
  readonly plugins: readonly Plugin[];
}

export interface Plugin {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly options: readonly PluginOption[];
}

export interface PluginOption {
  readonly name: string;
  readonly arguments: readonly string[];
}

/**
 * Reads a Corefile. It has no other syntax errors than a block at its begin. Imports, snippets and variables stay as they
 * are.
 *
 * @throws KubeadmError `refused` if a block opens before the first server block or plugin
 */
export function parseCorefile(text: string): Corefile {
  const tokens = tokensOf(text);
  const servers: { zones: readonly string[]; plugins: Plugin[] }[] = [];
  // As upstream, options of a block without a plugin belong to the plugin before.
  let options: PluginOption[] | undefined;
  let depth = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined || token.text === '{' || token.text === '}') {
      depth += token?.text === '{' ? 1 : -1;
      continue;
    }
    const words = argumentsAfter(tokens, at);
    at += words.length;
    if (depth === 0) servers.push({ zones: [token.text, ...words], plugins: [] });
    if (depth === 1) {
      options = [];
      const plugin = { name: token.text, arguments: words, options };
      ownerOf(servers.at(-1)?.plugins, token).push(plugin);
    }
    if (depth === 2) ownerOf(options, token).push({ name: token.text, arguments: words });
  }
  return { servers };
}

function ownerOf<T>(list: T[] | undefined, { line, text }: Token): T[] {
  if (list !== undefined) return list;
  throw new KubeadmError(
    'refused',
    `line ${line} of the Corefile: ${text} stands in a block without a name`,
    {
      hint: 'Put a zone before each server block, and a plugin before each block of options.',
    },
  );
}

/** The tokens on the same line, up to an opening brace. */
function argumentsAfter(tokens: readonly Token[], at: number): readonly string[] {
  const found: string[] = [];
  for (let next = at + 1; next < tokens.length; next++) {
    const before = tokens[next - 1];
    const token = tokens[next];
    if (before === undefined || token === undefined || token.text === '{') break;
    if (before.line + countLineBreaks(before.text) !== token.line) break;
    found.push(token.text);
  }
  return found;
}

/** Writes a Corefile. An empty line separates server blocks. */
export function formatCorefile({ servers }: Corefile): string {
  return servers.map(formatServer).join('\n');
}

function formatServer({ plugins, zones }: ServerBlock): string {
  const head = zones.map(quoted).join(' ');
  return plugins.length === 0 ? head : `${head} {\n${plugins.map(formatPlugin).join('\n')}\n}\n`;
}

function formatPlugin({ options, ...plugin }: Plugin): string {
  const head = `    ${formatWords(plugin)}`;
  if (options.length === 0) return head;
  return `${head} {\n${options.map((option) => `        ${formatWords(option)}`).join('\n')}\n    }`;
}

const formatWords = ({ name, arguments: words }: PluginOption): string =>
  [name, ...words.map(quoted)].join(' ');

/** Quotes an argument that has white space between words. */
function quoted(word: string): string {
  const inner = [...word];
  const first = inner.findIndex((character) => !isSpace(character));
  const last = inner.findLastIndex((character) => !isSpace(character));
  const hasGap = first >= 0 && inner.slice(first, last).some(isSpace);
  return hasGap ? `"${word.replaceAll('"', '\\"')}"` : word;
}
