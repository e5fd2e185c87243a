/** Makes docs/reference/api.md: the declarations of the library, as tsc writes them for dist/lib. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type Declaration, type DeclarationFile, declarationsOf } from './declarations.ts';

const root = path.resolve(import.meta.dirname, '../..');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

/** Returns the text of the page. It takes about two seconds of the processor. */
export function apiPage(head: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-api-'));
  try {
    const options = ['-p', 'tsconfig.lib.json', '--emitDeclarationOnly', '--outDir', folder];
    execFileSync(process.execPath, [tsc, ...options], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    return pageOf(head, createReader(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Read = (file: string) => DeclarationFile;

/** @returns a function from a path below src, such as `pki/expiry.ts` */
function createReader(folder: string): Read {
  const known = new Map<string, DeclarationFile>();
  return (file) => {
    const text = (): string => readFileSync(path.join(folder, file.replace(/\.ts$/, '.d.ts')), 'utf8');
    const found = known.get(file) ?? declarationsOf(text());
    known.set(file, found);
    return found;
  };
}

interface Named {
  readonly file: string;
  readonly name: string;
}

interface Found extends Named {
  readonly declaration: Declaration;
}

/** Other pages describe the events and the codes of warnings, and Kubernetes' documentation the fields of v1beta4. */
function isDescribed(file: string): boolean {
  const files = ['config/reading/shape.ts', 'config/v1beta4/shapes.ts', 'events.ts', 'warnings.ts'];
  return files.includes(file) || file.startsWith('events/');
}

function pageOf(head: string, read: Read): string {
  const exported = read('index.ts').references.map(({ from, original }) => ({
    file: path.posix.normalize(from),
    name: original,
  }));
  const own = exported.filter(({ file }) => !isDescribed(file)).flatMap((one) => lookUp(one, read));
  const elsewhere = exported.filter(({ file }) => isDescribed(file)).map(({ name }) => `\`${name}\``);
  return `${head}# The library

The first section has what [src/index.ts](../../src/index.ts) exports. The second one has the types that these declarations name.
Programs do not import them. [library.md](../library.md) has examples.

[events.md](events.md) and [warnings.md](warnings.md) describe the exports ${elsewhere.join(', ')}. The types \`Raw…\` have the
fields of [kubeadm.k8s.io/v1beta4](https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/).

## Exports

${blocks(own)}

## Other types

${blocks(reachable(own, read))}
`;
}

/** Returns the declarations of a name. The list is empty for a name of a package. */
function lookUp(named: Named, read: Read): readonly Found[] {
  const { file, name } = origin(named, read);
  return read(file)
    .declarations.filter((one) => one.name === name)
    .map((declaration) => ({ file, name, declaration }));
}

/** Follows a name to the file that declares it, or to a described file. */
function origin({ file, name }: Named, read: Read): Named {
  if (isDescribed(file)) return { file, name };
  const passed = read(file).references.find((one) => one.name === name);
  if (passed === undefined || !passed.from.startsWith('.')) return { file, name };
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), passed.from));
  return origin({ file: target, name: passed.original }, read);
}

/** Returns the declarations that the given ones name, and so on, without the given ones. */
function reachable(given: readonly Found[], read: Read): readonly Found[] {
  const key = ({ file, name }: Named): string => `${file} ${name}`;
  const seen = new Set(given.map(key));
  const waiting = [...given];
  const result: Found[] = [];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { declaration, file } = next;
    const { declarations, references } = read(file);
    const code = declaration.text.replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
    const words = new Set(code.match(/[A-Za-z_$][\w$]*/g));
    const names = [...declarations, ...references].map(({ name }) => name).filter((name) => words.has(name));
    const named = names.map((name) => origin({ file, name }, read)).filter((one) => !isDescribed(one.file));
    for (const found of named.flatMap((one) => lookUp(one, read))) {
      if (seen.has(key(found))) continue;
      seen.add(key(found));
      waiting.push(found);
      result.push(found);
    }
  }
  return result;
}

/** One block for each file, in the order of the paths. */
function blocks(found: readonly Found[]): string {
  const byFile = Map.groupBy(found, ({ file }) => file);
  return [...byFile]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, list]) => {
      const texts = list
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ declaration }) => declaration.text);
      return `\`src/${file}\`\n\n\`\`\`ts\n${texts.join('\n\n')}\n\`\`\``;
    })
    .join('\n\n');
}
