/** THIRD-PARTY-NOTICES.txt: the licences of all third-party parts of the executable and the packages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { runtimeParts } from './runtime.ts';
import type { Bundled } from './sbom.ts';
import { readJson, root } from './source.ts';

const folder = path.join(root, 'packaging/notices');
const licenseFile = /^(licen[cs]e|copying|notice|copyright)/i;

interface Section {
  readonly title: string;
  readonly text: string;
}

/**
 * @param packages the bundled npm packages.
 * @param versions the process.versions of the runtime.
 * @throws Error for a package whose licence text is neither in it nor in packaging/notices/npm.
 */
export function createNotices(
  packages: readonly Bundled[],
  versions: Readonly<Record<string, string>>,
): string {
  const sections: readonly Section[] = [
    { title: 'Parts of Kubernetes', text: read('kubernetes.txt') },
    ...packages.map(packageSection),
    { title: `Bun ${versions.bun ?? ''} (MIT): the runtime inside the executables`, text: read('bun.txt') },
    ...runtimeParts.map(({ name, license, url, versionsKey, notice }) => {
      const version = versionsKey === undefined ? '' : ` ${versions[versionsKey] ?? ''}`;
      const text = notice === undefined ? `Its text: ${url}` : read(`runtime/${notice}.txt`);
      return { title: `${name}${version} (${license}): a part of Bun, ${url}`, text };
    }),
    { title: 'GNU Library General Public License, version 2', text: read('LGPL-2.0.txt') },
    { title: 'GNU Lesser General Public License, version 2.1', text: read('LGPL-2.1.txt') },
    { title: 'Apache License, version 2.0', text: readFileSync(path.join(root, 'LICENSE'), 'utf8') },
  ];
  const contents = sections.map(({ title }) => `- ${title}`).join('\n');
  const bodies = sections.map(({ title, text }) => `${'='.repeat(80)}\n${title}\n\n${text.trim()}\n`);
  return `${read('introduction.txt').trim()}\n\n${contents}\n\n${bodies.join('\n')}`;
}

function packageSection({ name, version }: Bundled): Section {
  const home = path.join(root, 'node_modules', name);
  const texts = readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isFile() && licenseFile.test(entry.name))
    .map((entry) => readFileSync(path.join(home, entry.name), 'utf8').trim())
    .sort();
  const own = path.join(folder, 'npm', `${name.replace('/', '+')}.txt`);
  if (existsSync(own)) texts.push(readFileSync(own, 'utf8').trim());
  if (texts.length === 0) {
    throw new Error(`${name} has no licence text: put one into ${path.relative(root, own)}`);
  }
  const license = String(readJson(path.join(home, 'package.json')).license).replace(/^\((.*)\)$/, '$1');
  return { title: `${name} ${version} (${license})`, text: texts.join('\n\n') };
}

function read(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8');
}
