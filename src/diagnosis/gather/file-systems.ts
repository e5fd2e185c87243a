/** The file systems of the directories that a node writes to. */
import type { ReadHost } from '../../host.ts';
import type { FileSystemFacts } from '../facts.ts';

const timeoutMs = 2_000;

interface Mount {
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** A directory that does not exist counts as its nearest parent that exists. */
export async function gatherFileSystems(
  host: Pick<ReadHost, 'files' | 'exec'>,
  paths: readonly string[],
): Promise<readonly FileSystemFacts[]> {
  const places = await Promise.all(
    paths.map(async (path) => ({ path, existing: await nearest(host, path) })),
  );
  const [mounts, space] = await Promise.all([
    readMounts(host),
    readSpace(
      host,
      places.map(({ existing }) => existing),
    ),
  ]);
  return places.map(({ existing, path }) => {
    const { mountPoint, options, type } = mountOf(existing, mounts);
    return {
      path,
      mountPoint,
      readOnly: options.includes('ro'),
      noExec: options.includes('noexec'),
      ...freeOf(space.get(existing), type),
    };
  });
}

async function nearest({ files }: Pick<ReadHost, 'files'>, path: string): Promise<string> {
  try {
    return await files.realpath(path);
  } catch {
    const parent = path.slice(0, path.lastIndexOf('/'));
    return parent === '' ? '/' : await nearest({ files }, parent);
  }
}

async function readMounts({ files }: Pick<ReadHost, 'files'>): Promise<readonly Mount[]> {
  const text = await files.readText('/proc/self/mounts').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const [, mountPoint, type, options] = line.split(' ');
    if (mountPoint === undefined || type === undefined || options === undefined) return [];
    return { mountPoint: plainPath(mountPoint), type, options: options.split(',') };
  });
}

/** The kernel writes blanks and backslashes as octal numbers. */
function plainPath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The last mount with the longest path covers the others. */
function mountOf(path: string, mounts: readonly Mount[]): Mount {
  const covering = mounts.filter(
    ({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`),
  );
  return covering.reduce(
    (best, mount) => (mount.mountPoint.length >= best.mountPoint.length ? mount : best),
    {
      mountPoint: '/',
      type: '',
      options: [],
    },
  );
}

interface Space {
  readonly blocks: number;
  readonly blockSize: number;
  /** The blocks that root can use, because the components run as root. */
  readonly freeBlocks: number;
  /** Undefined if the file system does not count inodes. */
  readonly freeInodes: number | undefined;
}

async function readSpace(
  { exec }: Pick<ReadHost, 'exec'>,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Space>> {
  const args = ['--file-system', '--format=%b %f %S %c %d %n', ...new Set(paths)];
  const { stdout } = await exec.probe('stat', args, { timeoutMs }).catch(() => ({ stdout: '' }));
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const [, blocks, free, size, inodes, freeInodes, path] =
        /^(\d+) (\d+) (\d+) (\d+) (\d+) (.+)$/.exec(line) ?? [];
      if (path === undefined) return [];
      const space = {
        blocks: Number(blocks),
        blockSize: Number(size),
        freeBlocks: Number(free),
        freeInodes: Number(inodes) === 0 ? undefined : Number(freeInodes),
      };
      return [[path, space] as const];
    }),
  );
}

function freeOf(space: Space | undefined, type: string): Pick<FileSystemFacts, 'freeBytes' | 'freeInodes'> {
  if (space === undefined) return {};
  const { blockSize, blocks, freeBlocks, freeInodes } = space;
  const reserved = type === 'ext4' ? ext4Reserve(blocks) : 0;
  return {
    freeBytes: Math.max(0, freeBlocks - reserved) * blockSize,
    ...(freeInodes === undefined ? {} : { freeInodes }),
  };
}

/** Blocks that the kernel counts as free and gives to nobody. Source: ext4_calculate_resv_clusters in fs/ext4/super.c. */
function ext4Reserve(blocks: number): number {
  return Math.min(Math.floor(blocks / 50), 4096);
}
