/** The file systems of the directories that a node writes to. */
import type { ReadHost } from '../../host.ts';
import type { FileSystemFacts } from '../facts.ts';

const timeoutMs = 2_000;

interface Mount {
  readonly mountPoint: string;
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
    const { mountPoint, options } = mountOf(existing, mounts);
    return {
      path,
      mountPoint,
      readOnly: options.includes('ro'),
      noExec: options.includes('noexec'),
      ...space.get(existing),
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
    const [, mountPoint, , options] = line.split(' ');
    if (mountPoint === undefined || options === undefined) return [];
    return { mountPoint: plainPath(mountPoint), options: options.split(',') };
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
      options: [],
    },
  );
}

type Space = Pick<FileSystemFacts, 'freeBytes' | 'freeInodes'>;

/** Counts the blocks that root can use, because the components run as root. */
async function readSpace(
  { exec }: Pick<ReadHost, 'exec'>,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Space>> {
  const args = ['--file-system', '--format=%f %S %c %d %n', ...new Set(paths)];
  const { stdout } = await exec.probe('stat', args, { timeoutMs }).catch(() => ({ stdout: '' }));
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const [, blocks, size, inodes, free, path] = /^(\d+) (\d+) (\d+) (\d+) (.+)$/.exec(line) ?? [];
      if (path === undefined) return [];
      const space = { freeBytes: Number(blocks) * Number(size) };
      return [[path, Number(inodes) === 0 ? space : { ...space, freeInodes: Number(free) }] as const];
    }),
  );
}
