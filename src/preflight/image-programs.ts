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

/** Returns the path of the program in a layer; undefined if no layer has it in this version. */
export async function findImageProgram(
  host: Pick<CheckHost, 'files' | 'exec'>,
  { program, rootDirectory, version }: ProgramQuestion,
): Promise<string | undefined> {
  const directory = `${rootDirectory}/${layersDirectory}`;
  const layers = (await host.files.list(directory)) ?? [];
  const paths = layers.map((layer) => `${directory}/${layer}/fs/usr/local/bin/${program}`);
  const stats = await Promise.all(paths.map(async (path) => await host.files.stat(path)));
  const found = paths.filter((_, index) => stats[index]?.kind === 'file');
  const answers = await Promise.all(
    found.map(
      async (path) => await host.exec.probe(path, ['--version'], { timeoutMs }).catch(() => undefined),
    ),
  );
  return found.find((_, index) => answers[index]?.stdout.includes(version) === true);
}
