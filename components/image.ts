/** Packs a docker-archive with one layer. The same input gives the same bytes, by fixed times, owners and order. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { createTarPacker, type TarHeader } from 'modern-tar';

/** The content of an image. Paths are absolute, the owner is root, and parent folders are added. */
export type ImageEntry =
  | { readonly type: 'directory'; readonly path: string; readonly mode: number }
  | { readonly type: 'link'; readonly path: string; readonly target: string }
  | { readonly type: 'content'; readonly path: string; readonly content: string }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly mode: number;
      /** The path of its bytes on this machine. */
      readonly source: string;
      /** Represents the bytes in the image's key. Defaults to their hash. */
      readonly identity?: string;
    };

export interface ImageSpec {
  /** The reference, such as `registry.k8s.io/kube-proxy:v1.36.2`. */
  readonly reference: string;
  readonly entries: readonly ImageEntry[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
}

/** The version of the packing. Raise it when the packing changes, so that cached images are made again. */
const packing = 1;
const created = '1970-01-01T00:00:00Z';
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** A hash in hex of everything that the image's bytes depend on. Files without an identity must exist. */
export async function imageKey(spec: ImageSpec): Promise<string> {
  const entries = await Promise.all(
    withParents(spec.entries).map(async (entry) => {
      if (entry.type !== 'file') return entry;
      const identity =
        entry.identity ??
        createHash('sha256')
          .update(await readFile(entry.source))
          .digest('hex');
      return { type: entry.type, path: entry.path, mode: entry.mode, identity };
    }),
  );
  const parts = { packing, ...spec, entries, architecture: process.arch };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Writes the archive to `archive`, by way of a temporary file beside it. */
export async function packImage(spec: ImageSpec, archive: string): Promise<void> {
  const layer = `${archive}.layer`;
  try {
    const layerDigest = await writeTar(layer, withParents(spec.entries).map(layerItem));
    const config = JSON.stringify(imageConfig(spec, layerDigest));
    const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
    const layerName = `${layerDigest}/layer.tar`;
    const manifest = [{ Config: configName, RepoTags: [spec.reference], Layers: [layerName] }];
    await writeTar(archive, [
      { header: { name: configName, size: 0, mode: 0o644, type: 'file' }, content: config },
      { header: { name: layerName, size: 0, mode: 0o644, type: 'file' }, source: layer },
      {
        header: { name: 'manifest.json', size: 0, mode: 0o644, type: 'file' },
        content: JSON.stringify(manifest),
      },
    ]);
  } finally {
    await rm(layer, { force: true });
  }
}

/** The entries and all their parent folders, sorted by path and unique. */
export function withParents(entries: readonly ImageEntry[]): readonly ImageEntry[] {
  const all = new Map(entries.map((entry) => [entry.path, entry]));
  for (const entry of entries) {
    for (let parent = dirname(entry.path); parent !== '/'; parent = dirname(parent)) {
      if (!all.has(parent)) all.set(parent, { type: 'directory', path: parent, mode: 0o755 });
    }
  }
  return [...all.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

interface TarItem {
  readonly header: TarHeader;
  readonly source?: string;
  readonly content?: string;
}

function layerItem(entry: ImageEntry): TarItem {
  const name = entry.path.slice(1);
  if (entry.type === 'directory')
    return { header: { name: `${name}/`, size: 0, mode: entry.mode, type: 'directory' } };
  if (entry.type === 'link') {
    return { header: { name, size: 0, mode: 0o777, type: 'symlink', linkname: entry.target } };
  }
  if (entry.type === 'content')
    return { header: { name, size: 0, mode: 0o644, type: 'file' }, content: entry.content };
  return { header: { name, size: 0, mode: entry.mode, type: 'file' }, source: entry.source };
}

function imageConfig(spec: ImageSpec, layerDigest: string): Readonly<Record<string, unknown>> {
  return {
    architecture: architectures[process.arch] ?? process.arch,
    os: 'linux',
    created,
    config: {
      Env: [path],
      WorkingDir: '/',
      ...(spec.user === undefined ? {} : { User: spec.user }),
      ...(spec.entrypoint === undefined ? {} : { Entrypoint: spec.entrypoint }),
      ...(spec.command === undefined ? {} : { Cmd: spec.command }),
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layerDigest}`] },
    history: [{ created, created_by: 'kubeadm-ts components' }],
  };
}

/** Writes a tar of the items in their order and returns its sha256 in hex. */
async function writeTar(target: string, items: readonly TarItem[]): Promise<string> {
  const { readable, controller } = createTarPacker();
  const hash = createHash('sha256');
  const writing = pipeline(
    readable,
    async function* hashed(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(target),
  );
  const adding = addItems(controller, items).catch((error: unknown) => {
    controller.error(error);
    throw error;
  });
  await Promise.all([writing, adding]);
  return hash.digest('hex');
}

async function addItems(
  controller: ReturnType<typeof createTarPacker>['controller'],
  items: readonly TarItem[],
): Promise<void> {
  for (const { header, source, content } of items) {
    const bytes = Buffer.from(content ?? '');
    const size = source === undefined ? bytes.length : (await stat(source)).size;
    const body = controller.add({
      ...header,
      size,
      mtime: new Date(0),
      uid: 0,
      gid: 0,
      uname: 'root',
      gname: 'root',
    });
    const writer = body.getWriter();
    const chunks = source === undefined ? Readable.from(size === 0 ? [] : [bytes]) : createReadStream(source);
    for await (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  }
  controller.finalize();
}

/** The file of the archive in its folder of the cache. */
export function archivePath(folder: string): string {
  return join(folder, 'image.tar');
}
