import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';
import { joinPath } from '../lib/join-path.ts';
import { loadAuthority } from '../pki/ca.ts';
import { authoritySpec } from '../pki/certificates.ts';
import type { PkiInput } from '../pki/issue.ts';
import { buildClientKubeconfig } from './build.ts';
import { checkExistingKubeconfig } from './compare.ts';
import { type KubeconfigSpec, serverOf } from './table.ts';
import { formatKubeconfig } from './write.ts';

/**
 * Keeps a kubeconfig that exists and trusts this cluster, or writes a new one.
 *
 * @throws KubeadmError `certificate-missing`, `certificate-invalid`, `kubeconfig-invalid`
 */
export async function ensureKubeconfig(
  host: Host,
  {
    input,
    spec,
    directory,
  }: { readonly input: PkiInput; readonly spec: KubeconfigSpec; readonly directory: string },
  emit: Emit,
): Promise<void> {
  const { cluster } = input;
  const where = { spec: authoritySpec('ca'), directory: cluster.certificatesDir };
  const authority = await loadAuthority(host, where, emit);
  const server = serverOf(spec.server, input);
  const existing = joinPath(directory, spec.file);
  if ((await host.files.stat(existing)) !== undefined) {
    const expected = { authorities: [authority.certificate], server };
    await checkExistingKubeconfig(host, { path: existing, expected }, emit);
    emit({ type: 'kubeconfig-existing', path: existing });
    return;
  }
  const { organizations } = spec;
  const config = await buildClientKubeconfig(host, {
    input,
    authority,
    server,
    user: spec.user(input),
    organizations,
  });
  await host.files.write(joinPath(directory, spec.file), formatKubeconfig(config), {
    mode: 0o600,
    directoryMode: 0o755,
  });
  emit({ type: 'kubeconfig-written', file: spec.file });
}
