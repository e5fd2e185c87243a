/** Computes before a run of `join` how many key pairs it will need, so that they can be generated in parallel. */
import type { Host } from '../../host.ts';
import { joiningKubeconfigs } from '../../kubeconfig/table.ts';
import { joinPath } from '../../lib/join-path.ts';
import { defaultCertificatesDir } from '../../names.ts';
import { leaves } from '../../pki/certificates.ts';
import { pairExists } from '../../pki/files.ts';
import type { KeyPlan } from '../planned-keys.ts';
import type { JoinInput } from './input.ts';

/**
 * The keys that the selected phases will probably generate. The configuration of the cluster is not known yet, so this
 * counts on the default algorithm, the default folder, a local etcd and authorities whose keys are on this node.
 */
export async function keyPlan(
  { join, paths }: JoinInput,
  { files }: Pick<Host, 'files'>,
  selected: ReadonlySet<string>,
): Promise<KeyPlan> {
  const algorithm = 'RSA-2048';
  if (join.controlPlane === undefined) return { algorithm, count: 0 };
  const isMissing = await Promise.all([
    ...leaves().map(
      async ({ baseName }) =>
        selected.has('control-plane-prepare/certs') &&
        !(await pairExists(files, defaultCertificatesDir, baseName)),
    ),
    ...joiningKubeconfigs.map(
      async ({ file }) =>
        selected.has('control-plane-prepare/kubeconfig') &&
        (await files.stat(joinPath(paths.kubeconfigDir, file))) === undefined,
    ),
  ]);
  return { algorithm, count: isMissing.filter((missing) => missing).length };
}
