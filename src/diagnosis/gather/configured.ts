import type { FileReads } from '../../host.ts';
import { writtenConfiguration } from '../../kubelet/written-configuration.ts';
import { type Manifest, readManifest } from '../../manifests/read-manifest.ts';
import { defaultCertificatesDir, kubeletConfigFile, manifestPath, staticPods } from '../../names.ts';

/** The contents of the files that configure the components of this machine. */
export interface Configured {
  /** By component. A static Pod whose manifest is missing or cannot be read is absent. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** The KubeletConfiguration; undefined if it cannot be read. */
  readonly kubelet: Readonly<Record<string, unknown>> | undefined;
}

/** The files of `readConfigured`. */
export const configuredPaths: readonly string[] = [...staticPods.map(manifestPath), kubeletConfigFile];

export async function readConfigured(host: { readonly files: FileReads }): Promise<Configured> {
  const read = staticPods.map(async (name) => {
    const manifest = await readManifest(host, name).catch(() => undefined);
    return manifest === undefined ? [] : [[name, manifest] as const];
  });
  const kubelet = await writtenConfiguration(host);
  return { manifests: new Map((await Promise.all(read)).flat()), kubelet };
}

/** The directory that the API server's manifest names. */
export function certificatesDirectory({ manifests }: Pick<Configured, 'manifests'>): string {
  const file = manifests.get('kube-apiserver')?.flags.get('client-ca-file') ?? '';
  return /^(.+)\/ca\.crt$/.exec(file)?.[1] ?? defaultCertificatesDir;
}
