/** Downloads the files of official releases, compares their checksums, and takes programs out of archives. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { hostArchitecture } from './architecture.ts';
import { type Artefact, artefactOf } from './artefacts.ts';
import type { Program } from './catalogue.ts';
import { publishedSha256, sha256Of } from './checksum.ts';
import { type DownloadOptions, downloadFile, downloadText } from './download.ts';
import { ComponentsError } from './errors.ts';
import { output } from './run.ts';
import type { Source, SourceContext } from './source.ts';

/**
 * Replaces pause, which has no release file. It is Debian's static init for containers. With `-P` it reaps processes
 * and waits, as in Podman.
 */
const catatonit = '/usr/bin/catatonit';

export interface OfficialOptions {
  /** The folder for unfinished downloads, on the cache's disk. */
  readonly downloads: string;
  /** A mirror such as `https://mirror.example/x`, which has `dl.k8s.io/…` and `github.com/…`. Defaults to the real servers. */
  readonly mirror?: string | undefined;
  readonly download?: Omit<DownloadOptions, 'signal' | 'onProgress'>;
}

export function createOfficialSource(options: OfficialOptions): Source {
  const { downloads } = options;
  const checksums = new Map<string, Promise<string>>();
  return {
    name: 'release',
    debianPackages: ['catatonit'],
    arguments: (name) => (name === 'pause' ? ['-P'] : []),
    key: (program) => keyOf(program),
    obtain: async (program, path, context) => {
      if (program.name === 'pause') return copyFile(catatonit, path);
      const artefact = requireArtefact(program);
      const archive = await fetchArtefact(artefact, { options, checksums, context });
      if (artefact.member === undefined) await rename(archive, path);
      else await extract(archive, artefact.member, path);
      await chmod(path, 0o755);
    },
    missingMB: async (programs) => {
      const archives = new Map<string, number>();
      for (const program of programs) {
        if (program.name === 'pause') continue;
        const { location, archiveMB } = requireArtefact(program);
        archives.set(location, archiveMB);
      }
      return [...archives.values()].reduce((sum, size) => sum + size, 0);
    },
    folders: async () => [downloads],
    finish: () => rm(downloads, { recursive: true, force: true }),
  };
}

async function keyOf(program: Program): Promise<string> {
  const parts = { scheme: 1, source: 'release', architecture: hostArchitecture() };
  if (program.name === 'pause') {
    const sha256 = existsSync(catatonit) ? await sha256Of(catatonit) : 'not installed';
    return hashOf({ ...parts, program: catatonit, sha256 });
  }
  const { location, member, sha256 } = requireArtefact(program);
  return hashOf({ ...parts, location, member, sha256 });
}

function hashOf(parts: object): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function requireArtefact(program: Program): Artefact {
  const artefact = artefactOf(program, hostArchitecture());
  if (artefact !== undefined) return artefact;
  throw new ComponentsError(`no official release has a file with ${program.name}`, {
    hint: 'Install Go, so that it is built from its module.',
  });
}

interface Fetching {
  readonly options: OfficialOptions;
  /** The checksums that are known so far, by the place of the published file. */
  readonly checksums: Map<string, Promise<string>>;
  readonly context: SourceContext;
}

/** Returns the path of the complete file. Its name has its checksum, so that no other file continues its part. */
async function fetchArtefact(artefact: Artefact, { options, checksums, context }: Fetching): Promise<string> {
  const download: DownloadOptions = {
    ...options.download,
    signal: context.signal,
    onProgress: progressNotes(context.note),
  };
  const url = urlOf(artefact.location, options.mirror);
  const published = urlOf(artefact.checksums, options.mirror);
  const known = checksums.get(artefact.location) ?? expectedSha256(artefact, published, download);
  checksums.set(artefact.location, known);
  const sha256 = await known;
  const target = join(options.downloads, `${sha256.slice(0, 16)}-${basename(artefact.location)}`);
  if (existsSync(target)) return target;
  const statedBy = artefact.sha256 === undefined ? `published at ${published}` : 'pinned in components/';
  await downloadFile({ url, target, sha256, statedBy }, download);
  return target;
}

async function expectedSha256(
  artefact: Artefact,
  published: string,
  download: DownloadOptions,
): Promise<string> {
  if (artefact.sha256 !== undefined) return artefact.sha256;
  const { onProgress: _, ...quiet } = download;
  const fileName = basename(artefact.location);
  const found = publishedSha256(await downloadText(published, quiet), fileName);
  if (found !== undefined) return found;
  throw new ComponentsError(`${published} has no sha256 of ${fileName}`, {
    hint: 'Check the content of that address. A file without a checksum is not used.',
  });
}

function urlOf(location: string, mirror: string | undefined): string {
  return mirror === undefined || mirror === ''
    ? `https://${location}`
    : `${mirror.replace(/\/+$/, '')}/${location}`;
}

/** Reports a line for each megabyte. */
function progressNotes(note: (line: string) => void): NonNullable<DownloadOptions['onProgress']> {
  let last = -1;
  return (received, total) => {
    const megabytes = Math.floor(received / 1e6);
    if (megabytes === last) return;
    last = megabytes;
    note(`received ${megabytes}${total === undefined ? '' : ` of ${Math.ceil(total / 1e6)}`} MB`);
  };
}

/** Uses the system's tar. The list of the archive has the exact name, with or without `./`. */
async function extract(archive: string, member: string, path: string): Promise<void> {
  const names = (await output('tar', ['--list', '--gzip', '--file', archive])).split('\n');
  const name = names.find((listed) => listed.replace(/^\.\//, '') === member);
  if (name === undefined) {
    throw new ComponentsError(`${basename(archive)} has no ${member}`, {
      hint: 'The release packs it in another way. Change components/artefacts.ts.',
    });
  }
  const folder = join(dirname(path), '.extracting');
  await mkdir(folder);
  try {
    await output('tar', [
      '--extract',
      '--gzip',
      '--no-same-owner',
      '--file',
      archive,
      '--directory',
      folder,
      '--',
      name,
    ]);
    await rename(join(folder, name), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
