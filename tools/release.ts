/**
 * `make release` makes all files of a release in dist/release (docs/release.md). The same commit and the same dpkg give
 * the same bytes, in every folder and at every time.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { root as command } from '../src/cli/root.ts';
import { amd64, arm64, buildExecutable, buildLibrary } from './build.ts';
import { buildDebian, documents, name as program } from './release/debian.ts';
import { manPages } from './release/man.ts';
import { createNotices } from './release/notices.ts';
import { packPackage, stagePackage } from './release/npm-package.ts';
import { runtimeVersions } from './release/runtime.ts';
import { bundledPackages, createSbom } from './release/sbom.ts';
import { source as readSource, root } from './release/source.ts';

const targets = [amd64, arm64];
const destination = path.join(root, 'dist/release');
const work = path.join(root, 'dist/release-work');

async function release(): Promise<void> {
  const source = readSource();
  if (source.epoch === undefined)
    throw new Error('set SOURCE_DATE_EPOCH: there is no git checkout to ask for a time');
  if (source.changed && !process.argv.includes('--uncommitted')) {
    throw new Error(
      'commit or remove what `git status` shows: a release is what its commit says (or: --uncommitted)',
    );
  }
  for (const folder of [destination, work]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  buildLibrary();
  const staged = path.join(work, 'package');
  stagePackage(staged);

  const base = `kubeadm-${source.version}`;
  const metafile = path.join(work, 'meta.json');
  const executable = (architecture: string) => path.join(destination, `${base}-linux-${architecture}`);
  for (const target of targets) {
    // Bun writes the name of the file into it. With this name, it has the same bytes as the executable of `make build`.
    const outfile = path.join(work, 'executable/kubeadm');
    buildExecutable({ target, outfile, metafile });
    renameSync(outfile, executable(target.architecture));
  }
  const versions = await runtimeVersions();
  const bill = path.join(destination, `${base}.cdx.json`);
  writeFileSync(bill, await createSbom({ folder: staged, source, targets, versions }));
  const notices = path.join(destination, 'THIRD-PARTY-NOTICES.txt');
  writeFileSync(notices, createNotices(bundledPackages(metafile), versions));
  copyFileSync(path.join(root, 'LICENSE'), path.join(destination, 'LICENSE'));

  const pages = await manPages(command, {
    program,
    version: source.version,
    date: source.date.slice(0, 10),
  });
  await Promise.all([
    packPackage(staged, destination),
    ...targets.map((target) =>
      buildDebian({
        source,
        target,
        executable: executable(target.architecture),
        documents: [...documents, bill, notices],
        manPages: pages,
        work: path.join(work, target.architecture),
        destination,
      }),
    ),
  ]);
  writeFileSync(path.join(destination, 'SHA256SUMS'), sums(destination));
  rmSync(work, { recursive: true, force: true });
}

/** The checksums in the format of sha256sum, in the order of the names. */
function sums(folder: string): string {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const hash = createHash('sha256').update(readFileSync(path.join(folder, name)));
      return `${hash.digest('hex')}  ${name}\n`;
    })
    .join('');
}

const started = performance.now();
try {
  await release();
  console.log(readFileSync(path.join(destination, 'SHA256SUMS'), 'utf8').trimEnd());
  console.log(`dist/release in ${((performance.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
  console.error(`release: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
