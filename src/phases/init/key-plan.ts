/** Computes before a run of `init` how many key pairs it needs, so that they can be generated in parallel. */
import { keyAlgorithm } from '../../config/hub.ts';
import type { Host } from '../../host.ts';
import { kubeconfigs } from '../../kubeconfig/table.ts';
import { joinPath } from '../../lib/join-path.ts';
import {
  type AuthorityName,
  authoritySpec,
  type CertificateSpec,
  certificates,
  isForEtcd,
  serviceAccountBaseName,
} from '../../pki/certificates.ts';
import { certificatePath, keyPath, pairExists } from '../../pki/files.ts';
import type { KeyPlan } from '../planned-keys.ts';
import type { InitInput } from './input.ts';

type Files = Pick<Host, 'files'>;

interface Planning {
  readonly input: InitInput;
  readonly files: Host['files'];
  readonly selected: ReadonlySet<string>;
}

/**
 * The keys that the selected phases will generate. Existing files need none, whatever their state. Neither do
 * certificates that will be refused because their CA cannot sign.
 */
export async function keyPlan(
  input: InitInput,
  { files }: Files,
  selected: ReadonlySet<string>,
): Promise<KeyPlan> {
  const planning = { input, files, selected };
  const needs = await Promise.all([
    ...certificates.map(async (spec) => selected.has(`certs/${spec.name}`) && needsPair(planning, spec)),
    needsServiceAccountKey(planning),
    ...kubeconfigs.map(
      async ({ name, file }) =>
        selected.has(`kubeconfig/${name}`) &&
        !input.externalCA &&
        (await files.stat(joinPath(input.paths.kubeconfigDir, file))) === undefined &&
        (await canSign(planning, 'ca')),
    ),
  ]);
  return { algorithm: keyAlgorithm(input.cluster), count: needs.filter((needed) => needed).length };
}

async function needsPair(planning: Planning, spec: CertificateSpec): Promise<boolean> {
  const { certificatesDir, etcd } = planning.input.cluster;
  if (etcd.external !== undefined && isForEtcd(spec)) return false;
  if (await pairExists(planning.files, certificatesDir, spec.baseName)) return false;
  return spec.kind === 'authority' || (await canSign(planning, spec.authority));
}

/** Whether the key exists, or this run will generate it. */
async function canSign({ input, files, selected }: Planning, authority: AuthorityName): Promise<boolean> {
  const { certificatesDir } = input.cluster;
  const { baseName } = authoritySpec(authority);
  if ((await files.stat(keyPath(certificatesDir, baseName))) !== undefined) return true;
  if (!selected.has(`certs/${authority}`)) return false;
  return (await files.stat(certificatePath(certificatesDir, baseName))) === undefined;
}

async function needsServiceAccountKey({ input, files, selected }: Planning): Promise<boolean> {
  if (input.externalCA || !selected.has('certs/sa')) return false;
  const path = keyPath(input.cluster.certificatesDir, serviceAccountBaseName);
  return (await files.stat(path)) === undefined;
}
