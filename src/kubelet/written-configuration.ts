import type { FileReads } from '../host.ts';
import { isRecord } from '../lib/is-record.ts';
import { parseYaml } from '../lib/yaml/read.ts';
import { kubeletConfigFile } from '../names.ts';

/** The KubeletConfiguration that the kubelet of this node reads; undefined when the file cannot be read. */
export async function writtenConfiguration({
  files,
}: {
  readonly files: FileReads;
}): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const value = parseYaml(await files.readText(kubeletConfigFile));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
