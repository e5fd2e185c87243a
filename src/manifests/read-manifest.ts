/** Facts from the manifest of a static Pod on this node. */
import type { FileReads } from '../host.ts';
import { at, isRecord } from '../lib/is-record.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { manifestPath } from '../names.ts';

export interface Manifest {
  readonly path: string;
  /** Whether a container runs the component, by its command. */
  readonly runsComponent: boolean;
  /** The flags of that container, or else of the first one. A repeated flag has its last value, as in the program. */
  readonly flags: ReadonlyMap<string, string>;
  /** The paths on this node, by the name of the volume. */
  readonly volumes: ReadonlyMap<string, string>;
  /** The variables of that container that have a value in the manifest. */
  readonly environment: ReadonlyMap<string, string>;
  /** resources.limits.cpu of that container, such as `100m`; undefined without a limit. */
  readonly cpuLimit: string | undefined;
}

/**
 * Reads the manifest `component.yaml`. Returns undefined if the file does not exist. A file that is not a Pod has no flags and no
 * volumes.
 *
 * @throws FileError
 */
export async function readManifest(
  { files }: { readonly files: FileReads },
  component: string,
): Promise<Manifest | undefined> {
  const path = manifestPath(component);
  if ((await files.stat(path)) === undefined) return undefined;
  const spec = at(parse(await files.readText(path)), 'spec');
  const containers = listAt(spec, 'containers');
  const running = containers.find((container) => listAt(container, 'command')[0] === component);
  const container = running ?? containers[0];
  const words = [...listAt(container, 'command'), ...listAt(container, 'args')];
  const volumes = listAt(spec, 'volumes').map((volume) => [
    at(volume, 'name'),
    at(volume, 'hostPath', 'path'),
  ]);
  return {
    path,
    runsComponent: running !== undefined,
    flags: new Map(words.map(String).flatMap((word) => flagOf(word) ?? [])),
    volumes: new Map(volumes.map(([name, hostPath]) => [String(name), String(hostPath ?? '')])),
    environment: new Map(
      listAt(container, 'env').map((one) => [String(at(one, 'name')), textOf(at(one, 'value')) ?? '']),
    ),
    cpuLimit: textOf(at(container, 'resources', 'limits', 'cpu')),
  };
}

function parse(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const items = isRecord(value) ? value[key] : undefined;
  return Array.isArray(items) ? items : [];
}

/** Reads `--name=value`, and also the forms with one dash or a space that upstream's kubeadm reads. */
function flagOf(word: string): readonly [readonly [string, string]] | undefined {
  const [, name, value] = /^--?([^-=\s][^=\s]*)[=\s](.*)$/s.exec(word.trim()) ?? [];
  return name === undefined ? undefined : [[name, value ?? '']];
}
