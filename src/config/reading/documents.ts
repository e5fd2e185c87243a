/** Reads a configuration file, splits it into documents and parses them. Source: cmd/kubeadm/app/util/marshal.go. */

import { FileError, isNotFound, KubeadmError, messageOf } from '../../errors.ts';
import type { FileReads } from '../../host.ts';
import { pathText } from '../../lib/field-path.ts';
import { isRecord } from '../../lib/is-record.ts';
import { readYaml } from '../../lib/yaml/read.ts';
import type { ConfigWarning } from '../findings/finding.ts';

/** The maximum size of a configuration file. */
const maximumBytes = 4 * 1024 * 1024;

export interface ConfigDocument {
  /** The number of the document in the file. It counts from 1. */
  readonly index: number;
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly value: unknown;
  readonly lineOf: (path: readonly (string | number)[]) => number;
  /** Returns the text of the value at a path if it has no quotes. */
  readonly sourceOf: (path: readonly (string | number)[]) => string | undefined;
  /** Warnings for duplicate keys. The last value counts, as upstream. */
  readonly duplicates: readonly ConfigWarning[];
}

/** @throws KubeadmError code `config-unreadable` if the file does not exist, is not a file, is too large or is not text */
export async function readConfigFile(files: FileReads, path: string): Promise<string> {
  const refuse = (why: string, hint: string, cause?: unknown): KubeadmError =>
    new KubeadmError('config-unreadable', `unable to read config from "${path}": ${why}`, {
      hint,
      cause,
      place: { file: path },
    });
  let bytes: Uint8Array;
  try {
    const stat = await files.stat(path);
    if (stat?.kind === 'directory') throw refuse('it is a directory', 'name a file in it');
    if (stat !== undefined && stat.size > maximumBytes) {
      throw refuse(
        `it has ${Math.ceil(stat.size / 1_048_576)} MiB, and a configuration has at most 4`,
        'is this the file that was meant?',
      );
    }
    bytes = await files.read(path, { maxBytes: maximumBytes + 1 });
  } catch (error) {
    if (error instanceof KubeadmError && !(error instanceof FileError)) throw error;
    if (isNotFound(error)) throw refuse('no such file', 'check the path given to --config', error);
    throw refuse(messageOf(error), adviceFor(error), error);
  }
  if (bytes.length > maximumBytes)
    throw refuse('it is larger than 4 MiB', 'is this the file that was meant?');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw refuse('it is not text in UTF-8', 'a configuration is YAML or JSON', error);
  }
  if (text.includes('\0'))
    throw refuse('it holds NUL bytes: it is not text', 'a configuration is YAML or JSON');
  // Only an empty file has no document. One with a byte order mark has a document without a kind.
  return text === '' && bytes.length > 0 ? '\n' : text;
}

function adviceFor(error: unknown): string {
  const errno = error instanceof FileError ? error.errno : '';
  if (errno === 'EACCES' || errno === 'EPERM') return 'check its owner and mode';
  return errno === 'EMFILE' || errno === 'ENFILE'
    ? "raise the limit of open files: 'ulimit -n' shows that of a process"
    : 'check the path given to --config, and the file system that it is on';
}

/**
 * Splits a text at its `---` lines and parses each part.
 *
 * @throws KubeadmError code `config-invalid` with all syntax errors, or all documents without a kind, or all duplicate
 *   kinds
 */
export function parseDocuments(text: string, file: string): readonly ConfigDocument[] {
  const bad = badSeparator(text);
  if (bad !== undefined) {
    throw invalid(
      file,
      [`line ${bad.line}: invalid YAML document separator: ${bad.rest}`],
      'a line that begins with --- may hold a comment behind it, and nothing else',
    );
  }
  const parsed = splitDocuments(text).map((part, position) => parsePart(part, { file, index: position + 1 }));
  const problems = parsed.flatMap(({ syntaxErrors }) => syntaxErrors);
  if (problems.length > 0) throw invalid(file, problems, 'the file must be YAML or JSON');
  const documents = parsed.map(({ document }) => document);
  refuseNameless(documents, file);
  refuseTwice(documents, file);
  return documents;
}

interface ParsedPart {
  readonly document: ConfigDocument;
  readonly syntaxErrors: readonly string[];
}

function parsePart(
  { text, line: start }: TextPart,
  { file, index }: Pick<ConfigDocument, 'file' | 'index'>,
): ParsedPart {
  const { value, problems, lineOf, sourceOf } = readYaml(withoutDirectives(text), start);
  const syntaxErrors = problems
    .filter(({ kind }) => kind === 'syntax')
    .map(({ line, column, message }) => `document ${index}, line ${line}, column ${column}: ${message}`);
  const duplicates = problems
    .filter(({ kind }) => kind === 'duplicate-key')
    .map(
      ({ line, message, path = [] }): ConfigWarning => ({
        severity: 'warning',
        code: 'duplicate-key',
        message,
        place: { file, document: index, path: pathText(path), line },
      }),
    );
  const { apiVersion, kind } = typeMetaOf(value);
  return { document: { index, file, apiVersion, kind, value, lineOf, sourceOf, duplicates }, syntaxErrors };
}

function refuseNameless(documents: readonly ConfigDocument[], file: string): void {
  const nameless = documents.filter(
    ({ apiVersion, kind }) => kind === '' || !/^[^/]+\/[^/]+$/.test(apiVersion),
  );
  if (nameless.length === 0) return;
  throw invalid(
    file,
    nameless.map(
      ({ index, lineOf }) =>
        `document ${index}, line ${lineOf([])}: kind and apiVersion is mandatory information that must be specified`,
    ),
    'begin the document with, for example, "apiVersion: kubeadm.k8s.io/v1beta4" and "kind: ClusterConfiguration"',
  );
}

function refuseTwice(documents: readonly ConfigDocument[], file: string): void {
  const twice = documents.filter((document, position) =>
    documents.slice(0, position).some(({ kind }) => kind === document.kind),
  );
  if (twice.length === 0) return;
  throw invalid(
    file,
    twice.map(
      ({ kind, index, lineOf }) =>
        `document ${index}, line ${lineOf(['kind'])}: kind "${kind}" is there twice`,
    ),
    'each kind may stand in a file once',
  );
}

function invalid(file: string, problems: readonly string[], hint: string): KubeadmError {
  return new KubeadmError('config-invalid', `invalid configuration in ${file}: ${problems.join('; ')}`, {
    hint,
    place: { file },
    details: { problems },
  });
}

function typeMetaOf(value: unknown): { readonly apiVersion: string; readonly kind: string } {
  const data = isRecord(value) ? value : {};
  return { apiVersion: textNamed('apiVersion', data), kind: textNamed('kind', data) };
}

/** Returns the text of a field. As in Go, the name can be in upper or lower case, such as `Kind`. */
function textNamed(name: string, data: Readonly<Record<string, unknown>>): string {
  const key = Object.hasOwn(data, name)
    ? name
    : Object.keys(data).findLast((key) => key.toLowerCase() === name.toLowerCase());
  const found = key === undefined ? undefined : data[key];
  return typeof found === 'string' ? found : '';
}

function badSeparator(text: string): { readonly line: number; readonly rest: string } | undefined {
  for (const [index, line] of text.split('\n').entries()) {
    const rest = line.startsWith('---') ? line.slice(3).trim() : '';
    if (rest !== '' && !rest.startsWith('#')) return { line: index + 1, rest };
  }
  return undefined;
}

interface TextPart {
  readonly text: string;
  /** The line of the file at which it begins. */
  readonly line: number;
}

/**
 * Returns the parts of a text between `---` lines, with the line at which each begins. A separator without text before it
 * belongs to the next part, so a separator at the start does not make an empty document.
 */
export function splitDocuments(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let collected: string[] = [];
  let start = 1;
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  lines.forEach((line, position) => {
    if (/^---\s*(#.*)?$/.test(line) && collected.length > 0) {
      parts.push({ text: `${collected.join('\n')}\n`, line: start });
      collected = [];
      start = position + 2;
      return;
    }
    collected.push(line);
  });
  if (collected.length > 0) parts.push({ text: `${collected.join('\n')}\n`, line: start });
  return parts;
}

/** Directives end a document and belong to the next one. */
function withoutDirectives(part: string): string {
  return part.replace(/(?<=\n)(?:%(?:YAML|TAG)[ \t].*\n)+$/, '');
}
