/** Installs the npm tarball in an empty project, with only the tarballs of its dependencies. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { mustRun, run } from './builds.ts';

const root = path.resolve(import.meta.dirname, '../..');

const consumer = `import { kubeadmVersion, createMemoryHost, runInit, type InitRequest } from 'kubeadm';

const request: InitRequest = { only: ['certs'], dryRun: true };
// @ts-expect-error the types of the package are known here
const wrong: InitRequest = { only: 7 };
export const start = () => runInit(createMemoryHost(), request, {});
console.log(kubeadmVersion, typeof wrong);
`;

export interface InstalledPackage {
  /** The names of all installed packages. */
  readonly packages: readonly string[];
  /** The files of the package. */
  readonly files: readonly string[];
  /** The output of a program that imports the package, on Node. */
  readonly printed: string;
  /** The type errors of that program. It is empty if the compiler accepts the program. */
  readonly typeErrors: string;
}

/** Installs `tarball` into the new folder `project`, with an empty cache and with npm in offline mode. */
export async function installOffline(tarball: string, project: string): Promise<InstalledPackage> {
  mkdirSync(path.join(project, 'tarballs'), { recursive: true });
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as Lock;
  const dependencies = Object.entries(lock.packages).filter(
    ([name, entry]) => name !== '' && !entry.dev && !entry.optional && !entry.devOptional,
  );
  const pack = ['pack', '--ignore-scripts', '--json', `--pack-destination=${project}/tarballs`];
  await mustRun('npm', [...pack, ...dependencies.map(([name]) => path.join(root, name))]);

  writeFileSync(path.join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  const tarballs = readdirSync(path.join(project, 'tarballs')).map((name) => `./tarballs/${name}`);
  const install = [
    'install',
    '--offline',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    tarball,
    ...tarballs,
  ];
  await mustRun('npm', install, { cwd: project, env: { npm_config_cache: path.join(project, 'cache') } });

  const file = path.join(project, 'consumer.ts');
  writeFileSync(file, consumer);
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--skipLibCheck',
    'false',
  ];
  const types = ['--types', 'node', '--typeRoots', path.join(root, 'node_modules/@types')];
  const compiled = await run(path.join(root, 'node_modules/.bin/tsc'), [...options, ...types, file], {
    cwd: project,
  });
  const printed = await mustRun(path.join(root, 'node_modules/.bin/node'), [file], { cwd: project });
  const installed = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8')) as Lock;
  return {
    packages: Object.keys(installed.packages).map((name) => name.replace(/^node_modules\//, '')),
    files: readdirSync(path.join(project, 'node_modules/kubeadm'), { recursive: true }).map(String),
    printed,
    typeErrors: compiled.code === 0 ? '' : compiled.stdout,
  };
}

interface Lock {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
