/** Finds the programs of images that containerd has unpacked. */
import type { CheckHost } from './check.ts';

/** The directory of containerd's default snapshotter, which has a directory for each layer. */
const layersDirectory = 'io.containerd.snapshotter.v1.overlayfs/snapshots';
const timeoutMs = 3_000;

export interface ProgramQuestion {
  /** The name of the program, such as `kube-apiserver`. */
  readonly program: string;
  /** A part of what the program prints for `--version`. */
  readonly version: string;
  /** The root directory of containerd. */
  readonly rootDirectory: string;
}

/**
 * Returns the path of the program in a layer; undefined if no layer has it in this version. The layer to which a running
 * container writes is not searched, because the container could put a program of its own there.
 */
export async function findImageProgram(
  host: Pick<CheckHost, 'files' | 'exec'>,
  { program, rootDirectory, version }: ProgramQuestion,
): Promise<string | undefined> {
  const directory = `${rootDirectory}/${layersDirectory}`;
  const mounts = await host.files.readText('/proc/self/mounts').catch(() => undefined);
  if (mounts === undefined) return undefined;
  const roots = ((await host.files.list(directory)) ?? []).map((layer) => `${directory}/${layer}/fs`);
  const paths = roots
    .filter((root) => !mounts.includes(`upperdir=${root},`))
    .map((root) => `${root}/usr/local/bin/${program}`);
  const stats = await Promise.all(paths.map(async (path) => await host.files.stat(path)));
  const found = paths.filter((_, index) => stats[index]?.kind === 'file');
  const answers = await Promise.all(
    found.map(
      async (path) => await host.exec.probe(path, ['--version'], { timeoutMs }).catch(() => undefined),
    ),
  );
  return found.find((_, index) => answers[index]?.stdout.includes(version) === true);
}
